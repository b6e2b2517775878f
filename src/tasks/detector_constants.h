#pragma once

#include <cstdint>

namespace forger {

/// Neighbours are compared at this many pixels a side at most: what is finer is noise to a distance of whole images.
inline constexpr int64_t kSmallSide = 32;
inline constexpr int64_t kNearest = 5, kCandidates = 8;
/// Parts are at least this before their logarithm, deviations before they divide.
inline constexpr double kLeast = 1e-6;
/// The pixel discriminator is right about regions sooner than about single pixels: its opinions are blurred by so many.
inline constexpr double kOpinionSigma = 0.7;

}  // namespace forger
