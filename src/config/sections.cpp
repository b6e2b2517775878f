#include "config/sections.h"

#include <algorithm>

#include "config/game_table.h"

namespace forger {
namespace {

/// The sections of all games, each once.
std::vector<Section> sections_of_games() {
  std::vector<Section> found;
  for (const auto& game : games()) {
    for (const auto& section : game.sections) {
      const bool known =
          std::any_of(found.begin(), found.end(), [&](const auto& one) { return one.name == section.name; });
      if (!known) found.push_back(section);
    }
  }
  return found;
}

std::vector<Section> all_sections() {
  std::vector<Section> all = {general_section(), data_section()};
  for (auto& section : sections_of_games()) all.push_back(std::move(section));
  for (auto* make : {objective_section, augmentation_section, training_section, referee_section}) all.push_back(make());
  return all;
}

}  // namespace

const std::vector<Section>& sections() {
  static const std::vector<Section> all = all_sections();
  return all;
}

}  // namespace forger
