#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "config/schema.h"

namespace forger {

/// A value as a recipe states it, before it is known to fit a key. `Unfit` holds what is no value of any key
/// (a table, a date, a list of texts) in words for people.
struct Unfit {
  std::string in_words;
};
using Value = std::variant<bool, int64_t, double, std::string, std::vector<int64_t>, Unfit>;

/// The value that a person typed in a shell for this option: `32`, `[32, 48]`, `1e-4`, `true`, `hinge`,
/// `"hinge"`.
Value value_from_text(const Option& option, std::string_view text);

/// Puts `value` where the option lies. Throws Error, beginning with `where`, when the type, range or word is
/// wrong.
void assign(const Option& option, Config& config, const Value& value, std::string_view where);

/// Throws Error, beginning with the key, unless the option's value in `config` is accepted.
void check_value(const Option& option, const Config& config);

/// The option's value in TOML. What is read back from it is the same to the last bit.
std::string value_in_toml(const Option& option, const Config& config);

/// A text between quotes with everything escaped that TOML (and a terminal) wants escaped.
std::string toml_text(std::string_view text);

}  // namespace forger
