#pragma once

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <type_traits>

namespace forger {

/// A number as JSON, which knows neither NaN nor infinity: they become null.
inline nlohmann::ordered_json json_number(double value) {
  return std::isfinite(value) ? nlohmann::ordered_json(value) : nlohmann::ordered_json(nullptr);
}

/// The way back: null becomes NaN. Throws nlohmann::json::exception when it is no number.
inline double number_in(const nlohmann::ordered_json& json) {
  return json.is_null() ? std::numeric_limits<double>::quiet_NaN() : json.get<double>();
}

/// As text, in lines where `indent` is given. Bytes of file names that are no UTF-8 become the replacement character,
/// and characters that steer a terminal stand as `\uNNNN`.
std::string json_text(const nlohmann::ordered_json& json, int indent = -1);

/// Writes fields into a JSON object. For a class that lists its fields once, in a function
/// `for_each_field(object, visit)` that calls `visit(name, field)`.
struct FieldWriter {
  nlohmann::ordered_json& json;

  template <class Field>
  void operator()(const char* name, const Field& field) const {
    if constexpr (std::is_same_v<Field, double>) {
      json[name] = json_number(field);
    } else {
      json[name] = field;
    }
  }
};

/// Reads them back. Throws nlohmann::json::exception on a wrong type, and on a missing field unless that is allowed;
/// then it stays as it is, as it does where the value is null.
struct FieldReader {
  const nlohmann::ordered_json& json;
  bool may_miss = false;

  template <class Field>
  void operator()(const char* name, Field& field) const {
    if (may_miss && (!json.contains(name) || json[name].is_null())) return;
    json.at(name).get_to(field);
  }
};

}  // namespace forger
