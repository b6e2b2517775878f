#pragma once

#include <cstdint>

#include "core/torch.h"

namespace forger {

/// SplitMix64: whole numbers that look random, the same here and in the scripts that make golden values.
inline uint64_t mixed(uint64_t value) {
  value += 0x9E3779B97F4A7C15ULL;
  value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9ULL;
  value = (value ^ (value >> 27)) * 0x94D049BB133111EBULL;
  return value ^ (value >> 31);
}

/// Numbers in [0, 1), float64 `[count]`: uniform() of the scripts.
inline at::Tensor golden_uniform(uint64_t seed, int64_t count) {
  auto numbers = at::empty({count}, at::kDouble);
  auto* next = numbers.mutable_data_ptr<double>();
  for (int64_t i = 0; i < count; ++i) {
    next[i] = static_cast<double>(mixed((seed << 32) + static_cast<uint64_t>(i)) >> 11) / 9007199254740992.0;
  }
  return numbers;
}

/// The features of golden/make_measures.py: sums of four uniform numbers, nearly normal, with a standard deviation of
/// 0.577 * scale. float64 `[rows, columns]`.
inline at::Tensor golden_features(uint64_t seed, int64_t rows, int64_t columns, double scale = 1, double shift = 0) {
  auto features = at::empty({rows, columns}, at::kDouble);
  auto* next = features.mutable_data_ptr<double>();
  for (int64_t i = 0; i < rows * columns; ++i) {
    double sum = -2;
    for (uint64_t part = 0; part < 4; ++part) {
      const uint64_t place = 4 * (seed * 1'000'000 + static_cast<uint64_t>(i)) + part;
      sum += static_cast<double>(mixed(mixed(place))) / 18446744073709551616.0;
    }
    *next++ = sum * scale + shift;
  }
  return features;
}

}  // namespace forger
