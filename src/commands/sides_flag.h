#pragma once

#include <cstdint>
#include <string>

namespace forger::commands {

struct Sides {
  int64_t width_px = 0, height_px = 0;
};

/// What --size takes: "640x480", width and height, or "32" for a square. Throws Error on sides that are not 1 to
/// `most_px`.
Sides parse_sides(const std::string& text, int64_t most_px);

}  // namespace forger::commands
