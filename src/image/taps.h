#pragma once

#include <cstdint>
#include <vector>

#include "image/resize.h"

namespace forger {

/// What an output position of a resize is made of: the sum of `weights[k] * input[first + k]`; weights sum to 1.
struct FilterTaps {
  int64_t first = 0;
  std::vector<double> weights;
};

/// The filter, which is not `nearest`, at `x`, in units in which pixels are 1 apart; the cubic one is Keys', with a =
/// -0.5.
double filter_at(Filter filter, double x);

/// For each of `to` positions; the filter grows with what is made smaller (antialiasing), and ends at the borders, as
/// Pillow's does.
std::vector<FilterTaps> filter_taps(int64_t from, int64_t to, Filter filter);

}  // namespace forger
