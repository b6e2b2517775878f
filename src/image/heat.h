#pragma once

#include <cstdint>

namespace forger {

/// Lays heat over a pixel of red, green and blue. `heat`: 1 where a map crosses its threshold, which is yellow; red
/// from 2 on, see-through below a half.
void lay_heat(uint8_t* color, double heat);

}  // namespace forger
