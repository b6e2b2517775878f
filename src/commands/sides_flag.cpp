#include "commands/sides_flag.h"

#include <algorithm>
#include <cstdio>

#include "core/fail.h"

namespace forger::commands {

Sides parse_sides(const std::string& text, int64_t most_px) {
  Sides sides;
  char rest = 0;
  const int read = std::sscanf(text.c_str(), "%ldx%ld%c", &sides.width_px, &sides.height_px, &rest);
  if (read == 1 && text == std::to_string(sides.width_px)) sides.height_px = sides.width_px;
  const auto [least, largest] = std::minmax(sides.width_px, sides.height_px);
  if (read <= 2 && least >= 1 && largest <= most_px) return sides;
  fail("--size: received \"{}\", accepted: a side such as 32, or WIDTHxHEIGHT such as 48x32, up to {} pixels", text,
       most_px);
}

}  // namespace forger::commands
