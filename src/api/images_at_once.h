#pragma once

#include <cstdint>

namespace forger {

/// Images that a network looks at together outside of training: what a call takes does not grow with their number.
constexpr int64_t kImagesAtOnce = 64;

}  // namespace forger
