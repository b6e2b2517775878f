#include "core/levels.h"

#include <fmt/format.h>

#include <charconv>

#include "core/text.h"

namespace forger {

std::string levels_text(const Levels& levels) { return fmt::format("[{}, {}]", levels.low, levels.high); }

std::optional<Levels> levels_in(std::string_view text) {
  if (text.size() < 2 || !text.starts_with('[') || !text.ends_with(']')) return std::nullopt;
  const auto parts = split(text.substr(1, text.size() - 2), ',');
  if (parts.size() != 2) return std::nullopt;
  Levels levels;
  const auto read = [](const std::string& part, int64_t& number) {
    const std::string digits = trimmed(part);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    return error == std::errc() && end == digits.data() + digits.size();
  };
  if (!read(parts[0], levels.low) || !read(parts[1], levels.high) || !levels.is_valid()) return std::nullopt;
  return levels;
}

}  // namespace forger
