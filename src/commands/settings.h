#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "commands/progress.h"

namespace forger::commands {

using Settings = std::vector<std::pair<std::string, std::string>>;

/// --steps, --minutes, --images: those given replace the recipe's whole budget.
struct BudgetArguments {
  int64_t steps = 0;
  double minutes = 0;
  int64_t images = 0;
};
void add_budget(CLI::App& command, BudgetArguments& arguments);
/// The settings that a budget means; empty when none was given.
Settings budget_settings(const BudgetArguments& arguments);

/// --referee, --until, --mend.
struct RefereeArguments {
  std::string mode;
  std::string until;
  bool mend = false;
};
void add_referee(CLI::App& command, RefereeArguments& arguments);
/// The settings that they mean; empty when none was given.
Settings referee_settings(const RefereeArguments& arguments);

/// --set key=value, any number of times.
void add_settings(CLI::App& command, std::vector<std::string>& settings);
/// Throws Error on a setting without "=".
Settings split_settings(const std::vector<std::string>& settings);

/// `data.classes` as a person types it, names and numbers alike, in numbers: "[shoe, 3]" becomes "[7, 3]". A number is
/// taken as such, whatever the classes are called. Throws Error where the data has no such class.
std::string classes_in_numbers(const std::string& typed, const DataOptions& data);

/// --quiet and --json.
struct ShowArguments {
  bool quiet = false;
  bool json = false;
};
void add_show(CLI::App& command, ShowArguments& arguments);
Show show_of(const ShowArguments& arguments);

}  // namespace forger::commands
