#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "forger/config.h"

namespace forger {

/// Where an option's value lies in a Config; its type decides how a value is read, checked and written.
using Place = std::variant<bool*, int64_t*, uint64_t*, double*, std::string*, std::vector<int64_t>*>;

/// What an option takes, beyond its type.
struct Accepted {
  /// For a text: these words only (and what has `form`, where there is one); empty: any text.
  std::vector<std::string> words = {};
  /// What others call a word, and the word: never accepted, but understood well enough to suggest it.
  std::vector<std::pair<std::string, std::string>> other_names = {};
  /// For numbers, inclusive unless `above_least` or `below_most`.
  double least = std::numeric_limits<double>::lowest();
  double most = std::numeric_limits<double>::max();
  bool above_least = false;
  bool below_most = false;
  /// For a text of a form of its own: whether it is accepted, and the form in words for people.
  bool (*form)(std::string_view text) = nullptr;
  std::string form_in_words = {};
  /// For a text whose form is a list of whole numbers: recipes hold it as one, "[0, 4095]" without quotes.
  bool or_list = false;
};

/// One key of a recipe.
struct Option {
  /// "data.size"; "recipe" and "game" stand outside the tables.
  std::string key;
  Place (*place)(Config& config);
  Accepted accepted = {};
  /// One sentence: effect and cost. Written above the key by Config::to_toml.
  std::string explanation;
  /// Whether it describes its network's architecture: a model file holds it.
  bool architecture = false;
  /// What an earlier version called it; "": nothing else. Understood for one version more, with a notice.
  std::string old_key = {};
};

/// Every key of every section (`config/sections.h`) in the order in which it is written.
const std::vector<Option>& options();

/// The option, or nullptr when there is no such key.
const Option* find_option(std::string_view key);

/// The option that had this key in an earlier version, or nullptr.
const Option* find_by_old_key(std::string_view key);

/// "discriminator.turns is now called ...": what a person is told who used an old key.
std::string old_key_notice(const Option& option);

/// ` (did you mean "generator.learning_rate" or "discriminator.learning_rate"?)`, or "" when no key is near.
std::string did_you_mean_key(std::string_view received);

/// The accepted values in words: `a whole number from 1 to 64`, `crop, pad, stretch`.
std::string accepted_in_words(const Option& option);

}  // namespace forger
