#include "image/heat.h"

#include <algorithm>
#include <cmath>

namespace forger {

void lay_heat(uint8_t* color, double heat) {
  const double shown = std::clamp(heat, 0.0, 2.0);
  const double cover = 0.75 * std::clamp(2 * shown - 1, 0.0, 1.0);
  const double hot[3] = {255, 255 * std::clamp(2 - shown, 0.0, 1.0), 0};
  for (int c = 0; c < 3; ++c) color[c] = static_cast<uint8_t>(std::lround((1 - cover) * color[c] + cover * hot[c]));
}

}  // namespace forger
