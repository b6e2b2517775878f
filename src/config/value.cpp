#include "config/value.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <set>
#include <type_traits>

#include "core/fail.h"
#include "core/text.h"
#include "core/utf8.h"

namespace forger {
namespace {

template <class Number>
std::optional<Number> parsed(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/// `[1, 2]`, `1, 2` and `1` alike: brackets are a nuisance in some shells.
std::optional<std::vector<int64_t>> parsed_list(std::string_view text) {
  if (text.starts_with('[') && text.ends_with(']') && text.size() >= 2) text = text.substr(1, text.size() - 2);
  std::vector<int64_t> list;
  if (trimmed(text).empty()) return list;
  while (true) {
    const auto comma = text.find(',');
    const auto number = parsed<int64_t>(trimmed(text.substr(0, comma)));
    if (!number) return std::nullopt;
    list.push_back(*number);
    if (comma == std::string_view::npos) return list;
    text.remove_prefix(comma + 1);
  }
}

std::string number_in_toml(double number) {
  const std::string text = fmt::format("{}", number);
  return text.find_first_of(".en") == std::string::npos ? fmt::format("{}.0", text) : text;
}

std::string list_in_toml(const std::vector<int64_t>& list) {
  std::vector<std::string> words;
  for (const int64_t number : list) words.push_back(std::to_string(number));
  return fmt::format("[{}]", join(words));
}

std::string in_toml(const Value& value) {
  return std::visit(
      [](const auto& known) -> std::string {
        using Known = std::decay_t<decltype(known)>;
        if constexpr (std::is_same_v<Known, bool>) return known ? "true" : "false";
        if constexpr (std::is_same_v<Known, int64_t>) return std::to_string(known);
        if constexpr (std::is_same_v<Known, double>) return number_in_toml(known);
        if constexpr (std::is_same_v<Known, std::string>) return toml_text(known);
        if constexpr (std::is_same_v<Known, std::vector<int64_t>>) return list_in_toml(known);
        if constexpr (std::is_same_v<Known, Unfit>) return known.in_words;
      },
      value);
}

/// ` (did you mean "wasserstein-gp"?)` for "wgan_gp", or "".
std::string did_you_mean_word(std::string_view received, const Accepted& accepted) {
  std::vector<std::string> others;
  for (const auto& [other, word] : accepted.other_names) others.push_back(other);
  const std::string other = nearest_word(received, others);
  for (const auto& [name, word] : accepted.other_names) {
    if (name == other && nearest_word(received, accepted.words).empty()) return did_you_mean(word, {word});
  }
  return did_you_mean(received, accepted.words);
}

[[noreturn]] void refuse(const Option& option, const Value& value, std::string_view where) {
  const auto* text = std::get_if<std::string>(&value);
  fail("{}: received {}, accepted: {}{}", where, for_message(in_toml(value)), accepted_in_words(option),
       text ? did_you_mean_word(*text, option.accepted) : "");
}

bool in_range(const Accepted& accepted, double number) {
  if (!std::isfinite(number) || number < accepted.least || number > accepted.most) return false;
  return !(accepted.above_least && number == accepted.least) && !(accepted.below_most && number == accepted.most);
}

bool fits(const Option& option, const Value& value) {
  const Accepted& accepted = option.accepted;
  if (const auto* number = std::get_if<int64_t>(&value)) return in_range(accepted, static_cast<double>(*number));
  if (const auto* number = std::get_if<double>(&value)) return in_range(accepted, *number);
  if (const auto* list = std::get_if<std::vector<int64_t>>(&value)) {
    return std::all_of(list->begin(), list->end(),
                       [&](int64_t number) { return in_range(accepted, static_cast<double>(number)); });
  }
  if (const auto* text = std::get_if<std::string>(&value)) {
    if (std::count(accepted.words.begin(), accepted.words.end(), *text) == 1) return true;
    if (!accepted.words.empty() && !accepted.form) return false;
    return is_utf8(*text) && (!accepted.form || accepted.form(*text));
  }
  return std::holds_alternative<bool>(value);
}

/// Throws unless the numbers of a list fit each other: [height, width], or classes that differ.
void check_list(const Option& option, const std::vector<int64_t>& list, std::string_view where) {
  if (option.key == "data.size") {
    if (list.empty() || list.size() == 2) return;
    fail("{}: received {}, accepted: [height, width], one number for a square, or [] for automatic", where,
         for_message(list_in_toml(list)));
  }
  if (std::set<int64_t>(list.begin(), list.end()).size() != list.size()) {
    fail("{}: received {}, accepted: each class once", where, for_message(list_in_toml(list)));
  }
}

/// The value that lies at `place`.
Value stored(const Place& place) {
  return std::visit(
      [](const auto* known) -> Value {
        if constexpr (std::is_same_v<decltype(known), const uint64_t*>) {
          // A seed that only a program can have set; the range check refuses it as it refuses any that is too
          // large.
          constexpr auto kMost = static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
          return static_cast<int64_t>(std::min(*known, kMost));
        } else {
          return *known;
        }
      },
      place);
}

Value stored(const Option& option, const Config& config) {
  return stored(option.place(const_cast<Config&>(config)));  // only read
}

}  // namespace

std::string toml_text(std::string_view text) {
  std::string result = "\"";
  while (!text.empty()) {
    const size_t size = character_size(text);  // 0: broken, which no value of an option is
    const auto character = text.substr(0, std::max<size_t>(size, 1));
    if (character == "\"" || character == "\\") {
      result += fmt::format("\\{}", character);
    } else if (size > 0 && steers(character)) {
      result += fmt::format("\\u{:04X}", code_point(character));
    } else {
      result += character;
    }
    text.remove_prefix(character.size());
  }
  result += '"';
  return result;
}

Value value_from_text(const Option& option, std::string_view text) {
  std::string typed = trimmed(text);
  Config config;
  const Place place = option.place(config);
  if (std::holds_alternative<std::string*>(place)) {
    if (option.accepted.or_list) {
      if (auto list = parsed_list(typed)) return *list;
    }
    const bool in_quotes = typed.size() >= 2 && typed.front() == '"' && typed.back() == '"';
    return in_quotes ? typed.substr(1, typed.size() - 2) : std::string(text);
  }
  if (std::holds_alternative<std::vector<int64_t>*>(place)) {
    if (auto list = parsed_list(typed)) return *list;
  }
  if (typed == "true" || typed == "false") return typed == "true";
  if (const auto number = parsed<int64_t>(typed)) return *number;
  if (const auto number = parsed<double>(typed)) return *number;
  return typed;
}

void assign(const Option& option, Config& config, const Value& value, std::string_view where) {
  const Place place = option.place(config);
  Value fitted = value;
  if (const auto* number = std::get_if<int64_t>(&value)) {
    if (std::holds_alternative<double*>(place)) fitted = static_cast<double>(*number);
    if (std::holds_alternative<std::vector<int64_t>*>(place)) fitted = std::vector<int64_t>{*number};
  }
  if (const auto* list = std::get_if<std::vector<int64_t>>(&value); list && option.accepted.or_list)
    fitted = list_in_toml(*list);
  const bool typed = fitted.index() == stored(place).index();
  if (!typed || !fits(option, fitted)) refuse(option, value, where);
  std::visit(
      [&](auto* known) {
        using Known = std::remove_pointer_t<decltype(known)>;
        if constexpr (std::is_same_v<Known, uint64_t>) {
          *known = static_cast<uint64_t>(std::get<int64_t>(fitted));
        } else if constexpr (std::is_same_v<Known, std::vector<int64_t>>) {
          auto& list = std::get<std::vector<int64_t>>(fitted);
          if (option.key == "data.size" && list.size() == 1) list.push_back(list.front());
          check_list(option, list, where);
          *known = list;
        } else {
          *known = std::get<Known>(fitted);
        }
      },
      place);
}

void check_value(const Option& option, const Config& config) {
  const Value value = stored(option, config);
  if (!fits(option, value)) refuse(option, value, option.key);
  if (const auto* list = std::get_if<std::vector<int64_t>>(&value)) check_list(option, *list, option.key);
}

std::string value_in_toml(const Option& option, const Config& config) {
  const Value value = stored(option, config);
  const auto* text = std::get_if<std::string>(&value);
  return text && option.accepted.or_list && option.accepted.form(*text) ? *text : in_toml(value);
}

}  // namespace forger
