#pragma once

namespace forger {

/// A normal variable lies within this many standard deviations of its mean with probability 0.9 and 0.95.
constexpr double kNormal90 = 1.6448536269514722, kNormal95 = 1.959963984540054;

}  // namespace forger
