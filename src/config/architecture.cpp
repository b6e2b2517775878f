#include "config/architecture.h"

#include <algorithm>
#include <limits>

#include "config/sections.h"
#include "config/value.h"
#include "core/fail.h"
#include "core/json.h"
#include "core/text.h"
#include "core/utf8.h"

namespace forger {
namespace {

using nlohmann::ordered_json;

std::vector<Option> architecture_options(const std::string& section) {
  std::vector<Option> found;
  for (const auto& option : options()) {
    if (option.architecture && option.key.starts_with(section + ".")) found.push_back(option);
  }
  return found;
}

std::string name_in_section(const std::string& key) { return key.substr(key.find('.') + 1); }

ordered_json value_in_json(const Option& option, const Config& config) {
  const Place place = option.place(const_cast<Config&>(config));  // only read
  return std::visit([](const auto* known) { return ordered_json(*known); }, place);
}

Value value_of_json(const ordered_json& json) {
  if (json.is_boolean()) return json.get<bool>();
  if (json.is_string()) return json.get<std::string>();
  if (json.is_number_float()) return json.get<double>();
  constexpr auto kMost = static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
  const bool fits = json.is_number_integer() && (!json.is_number_unsigned() || json.get<uint64_t>() <= kMost);
  if (fits) return json.get<int64_t>();
  return Unfit{json_text(json)};
}

}  // namespace

ordered_json architecture_of(const Config& config, const std::string& section) {
  auto description = ordered_json::object();
  for (const auto& option : architecture_options(section)) {
    description[name_in_section(option.key)] = value_in_json(option, config);
  }
  return description;
}

void take_architecture(Config& config, const std::string& section, const ordered_json& description,
                       const std::string& where) {
  const auto known = architecture_options(section);
  if (!description.is_object()) {
    fail("{}: {}: received {}, accepted: an object of JSON", where, section, json_text(description));
  }
  for (const auto& [key, value] : description.items()) {
    const std::string whole = fmt::format("{}.{}", section, key);
    const bool is_known = std::any_of(known.begin(), known.end(), [&](const Option& option) {
      return option.key == whole || option.old_key == whole;
    });
    if (!is_known) {
      fail("{}: {}.{}: received a key that this version does not know; a newer Forger may have written it", where,
           section, for_message(key));
    }
  }
  const Config untouched;
  Config taken = config;
  for (const auto& option : known) {
    auto found = description.find(name_in_section(option.key));
    if (found == description.end() && !option.old_key.empty())
      found = description.find(name_in_section(option.old_key));
    const auto value = found == description.end() ? value_in_json(option, untouched) : *found;
    assign(option, taken, value_of_json(value), fmt::format("{}: {}", where, option.key));
  }
  config = std::move(taken);
}

}  // namespace forger
