#include "commands/settings.h"

#include <algorithm>

#include "core/fail.h"
#include "core/text.h"
#include "core/utf8.h"
#include "data/open.h"

namespace forger::commands {

void add_budget(CLI::App& command, BudgetArguments& arguments) {
  command.add_option("--steps", arguments.steps, "Steps in total")->check(CLI::PositiveNumber);
  command.add_option("--minutes", arguments.minutes, "Minutes of training in total")->check(CLI::PositiveNumber);
  command.add_option("--images", arguments.images, "Real images shown in total")->check(CLI::PositiveNumber);
}

Settings budget_settings(const BudgetArguments& arguments) {
  if (arguments.steps == 0 && arguments.minutes == 0 && arguments.images == 0) return {};
  return {{"training.steps", std::to_string(arguments.steps)},
          {"training.minutes", fmt::format("{}", arguments.minutes)},
          {"training.images", std::to_string(arguments.images)}};
}

void add_referee(CLI::App& command, RefereeArguments& arguments) {
  command.add_option("--referee", arguments.mode, "How thoroughly the referee looks: off, light or full");
  command.add_option("--until", arguments.until, "Stop early, with the best samples: converged or plateau");
  command.add_flag("--mend", arguments.mend, "Mend a sick training: roll back, change one thing, keep what helps");
}

Settings referee_settings(const RefereeArguments& arguments) {
  Settings settings;
  if (!arguments.mode.empty()) settings.emplace_back("referee.mode", arguments.mode);
  if (!arguments.until.empty()) settings.emplace_back("referee.until", arguments.until);
  if (arguments.mend) settings.emplace_back("referee.mend", "true");
  return settings;
}

void add_settings(CLI::App& command, std::vector<std::string>& settings) {
  command.add_option("--set", settings, "Change one key of the recipe: key=value (see --dry-run for all keys)")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

Settings split_settings(const std::vector<std::string>& settings) {
  Settings pairs;
  for (const auto& setting : settings) {
    const auto equals = setting.find('=');
    if (equals == std::string::npos || equals == 0) fail("--set: received \"{}\", accepted: key=value", setting);
    pairs.emplace_back(trimmed(setting.substr(0, equals)), trimmed(setting.substr(equals + 1)));
  }
  return pairs;
}

std::string classes_in_numbers(const std::string& typed, const DataOptions& data) {
  std::string list = trimmed(typed);
  if (list.starts_with('[') && list.ends_with(']') && list.size() >= 2) list = list.substr(1, list.size() - 2);
  const auto is_number = [](const std::string& word) {
    return word.find_first_not_of("0123456789") == std::string::npos;
  };
  std::vector<std::string> numbers;
  for (const auto& part : split(list, ',')) {
    std::string word = trimmed(part);
    if (word.size() >= 2 && word.starts_with('"') && word.ends_with('"')) word = word.substr(1, word.size() - 2);
    numbers.push_back(word);
  }
  if (std::all_of(numbers.begin(), numbers.end(), is_number)) return typed;
  const auto names = open_source(data)->class_names();
  if (names.empty()) fail("data.classes: received \"{}\", but {} has no classes", for_message(typed), data.source);
  for (auto& word : numbers) {
    if (is_number(word)) continue;
    const auto found = std::find(names.begin(), names.end(), word);
    if (found == names.end()) {
      fail("data.classes: received \"{}\", accepted: {}, or their numbers 0 to {}{}", for_message(word), join(names),
           names.size() - 1, did_you_mean(word, names));
    }
    word = std::to_string(found - names.begin());
  }
  return "[" + join(numbers) + "]";
}

void add_show(CLI::App& command, ShowArguments& arguments) {
  auto* quiet = command.add_flag("--quiet", arguments.quiet, "Print nothing but errors and how to resume");
  command.add_flag("--json", arguments.json, "Print every step report as a line of JSON")->excludes(quiet);
}

Show show_of(const ShowArguments& arguments) {
  if (arguments.json) return Show::json;
  return arguments.quiet ? Show::nothing : Show::progress;
}

}  // namespace forger::commands
