#include "config/schema.h"

#include <algorithm>

#include "config/sections.h"
#include "core/fail.h"
#include "core/text.h"

namespace forger {
namespace {

std::string_view leaf(std::string_view key) { return key.substr(key.rfind('.') + 1); }

std::string range_in_words(const Accepted& accepted) {
  if (accepted.above_least) return fmt::format("above {} and at most {}", accepted.least, accepted.most);
  if (accepted.below_most) return fmt::format("from {} to below {}", accepted.least, accepted.most);
  return fmt::format("from {} to {}", accepted.least, accepted.most);
}

}  // namespace

const std::vector<Option>& options() {
  static const std::vector<Option> table = [] {
    std::vector<Option> all;
    for (const auto& section : sections()) all.insert(all.end(), section.options.begin(), section.options.end());
    return all;
  }();
  return table;
}

const Option* find_option(std::string_view key) {
  const auto& table = options();
  const auto found = std::find_if(table.begin(), table.end(), [&](const Option& option) { return option.key == key; });
  return found == table.end() ? nullptr : &*found;
}

const Option* find_by_old_key(std::string_view key) {
  for (const auto& option : options()) {
    if (!option.old_key.empty() && option.old_key == key) return &option;
  }
  return nullptr;
}

std::string old_key_notice(const Option& option) {
  return fmt::format("{} is now called {}; the next version will not know the old name", option.old_key, option.key);
}

std::string did_you_mean_key(std::string_view received) {
  std::vector<std::string> keys, leaves;
  for (const auto& option : options()) {
    keys.push_back(option.key);
    leaves.emplace_back(leaf(option.key));
  }
  const auto with_leaf = [&](std::string_view wanted) {
    std::vector<std::string> found;
    for (const auto& key : keys) {
      if (leaf(key) == wanted) found.push_back(fmt::format("\"{}\"", key));
    }
    return found;
  };
  auto near = with_leaf(leaf(received));  // the right word in the wrong table, or in none
  if (near.empty() && received.find('.') == std::string_view::npos) near = with_leaf(nearest_word(received, leaves));
  if (near.empty()) return did_you_mean(received, keys);
  return fmt::format(" (did you mean {}?)", join(near, " or "));
}

std::string accepted_in_words(const Option& option) {
  const Accepted& accepted = option.accepted;
  if (!accepted.words.empty()) return join(accepted.words) + (accepted.form ? ", or " + accepted.form_in_words : "");
  if (accepted.form) return accepted.form_in_words;
  Config config;
  const Place place = option.place(config);
  if (std::holds_alternative<bool*>(place)) return "true, false";
  if (std::holds_alternative<std::string*>(place)) return "a text in UTF-8";
  if (std::holds_alternative<double*>(place)) return fmt::format("a number {}", range_in_words(accepted));
  if (std::holds_alternative<std::vector<int64_t>*>(place))
    return fmt::format("whole numbers {}", range_in_words(accepted));
  return fmt::format("a whole number {}", range_in_words(accepted));
}

}  // namespace forger
