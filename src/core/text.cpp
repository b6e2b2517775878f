#include "core/text.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <numeric>

#include "core/fail.h"
#include "core/utf8.h"

namespace forger {
namespace {

size_t edit_distance(std::string_view left, std::string_view right) {
  std::vector<size_t> row(right.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= left.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= right.size(); ++j) {
      const size_t above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (left[i - 1] == right[j - 1] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row[right.size()];
}

}  // namespace

std::string nearest_word(std::string_view received, const std::vector<std::string>& accepted) {
  std::string best;
  size_t best_distance = std::max<size_t>(received.size() / 2, 1) + 1;
  for (const auto& word : accepted) {
    const size_t distance = edit_distance(received, word);
    if (distance < best_distance) {
      best_distance = distance;
      best = word;
    }
  }
  if (!best.empty()) return best;
  for (const auto& word : accepted) {  // "size" for "data.size", "wgan" for "wgan-gp"
    if (received.size() >= 3 && word.find(received) != std::string::npos) return word;
  }
  return "";
}

std::string did_you_mean(std::string_view received, const std::vector<std::string>& accepted) {
  const std::string nearest = nearest_word(received, accepted);
  return nearest.empty() ? "" : fmt::format(" (did you mean \"{}\"?)", nearest);
}

std::string join(const std::vector<std::string>& words, std::string_view separator) {
  return fmt::format("{}", fmt::join(words, separator));
}

std::string first_line(std::string_view text) { return std::string(text.substr(0, text.find('\n'))); }

std::string trimmed(std::string_view text) {
  const auto is_space = [](char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; };
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return std::string(text);
}

int64_t parse_bytes(std::string_view text, std::string_view key) {
  const std::string input = trimmed(text);
  double number = 0;
  const auto [end, error] = std::from_chars(input.data(), input.data() + input.size(), number);
  std::string unit = trimmed(std::string_view(end, static_cast<size_t>(input.data() + input.size() - end)));
  std::transform(unit.begin(), unit.end(), unit.begin(), [](unsigned char c) { return std::tolower(c); });
  double factor = -1;
  if (unit.empty() || unit == "mib" || unit == "m") factor = 1024.0 * 1024;
  if (unit == "b") factor = 1;
  if (unit == "kb") factor = 1e3;
  if (unit == "kib" || unit == "k") factor = 1024;
  if (unit == "mb") factor = 1e6;
  if (unit == "gb") factor = 1e9;
  if (unit == "gib" || unit == "g") factor = 1024.0 * 1024 * 1024;
  if (unit == "tb") factor = 1e12;
  const bool accepted =
      error == std::errc() && factor > 0 && std::isfinite(number) && number >= 0 && number * factor < 9e18;
  if (!accepted) fail("{}: received \"{}\", accepted: a size such as \"512MiB\" or \"2GiB\"", key, text);
  return static_cast<int64_t>(number * factor);
}

std::string format_bytes(double bytes) {
  const char* units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
  size_t unit = 0;
  while (bytes >= 1024 && unit < 4) {
    bytes /= 1024;
    ++unit;
  }
  return unit == 0 || bytes >= 100 ? fmt::format("{:.0f} {}", bytes, units[unit])
                                   : fmt::format("{:.1f} {}", bytes, units[unit]);
}

std::string format_duration(double seconds) {
  if (!std::isfinite(seconds) || seconds < 0) return "?";
  const auto whole = static_cast<int64_t>(std::llround(seconds));
  if (whole >= 3600) return fmt::format("{} h {:02} min", whole / 3600, whole / 60 % 60);
  if (whole >= 60) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
  return fmt::format("{} s", whole);
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  for (size_t end; (end = text.find(separator)) != std::string_view::npos; text.remove_prefix(end + 1)) {
    parts.emplace_back(text.substr(0, end));
  }
  parts.emplace_back(text);
  return parts;
}

std::string csv_field(std::string_view raw) {
  std::string text = printable(raw);
  if (text.find_first_of(",\"") == std::string::npos) return text;
  std::string field = "\"";
  for (const char c : text) field += c == '"' ? std::string("\"\"") : std::string(1, c);
  return field + "\"";
}

}  // namespace forger
