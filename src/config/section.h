#pragma once

#include <string>
#include <vector>

#include "config/schema.h"

namespace forger {

/// One table of a recipe.
struct Section {
  /// "data"; "" for the keys that stand outside the tables.
  std::string name;
  /// In the order in which they are written.
  std::vector<Option> options;
  /// Throws Error unless the section's values fit each other and the other sections. It is asked after every option's
  /// own range, whatever the game. Null: there is nothing to ask.
  void (*check)(const Config& config) = nullptr;
};

}  // namespace forger
