#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/layouts.h"

namespace forger {

/// Any size will do.
constexpr int64_t kAny = -1;

/// The weight. Throws Error where it is missing or of another shape.
const at::Tensor& weight_at(const NamedTensors& weights, const std::string& name, const std::vector<int64_t>& sizes);

/// How many of PREFIX0SUFFIX, PREFIX1SUFFIX … there are.
int64_t count_of(const NamedTensors& weights, const std::string& prefix, const std::string& suffix, int64_t first = 0);

/// The weights by the names that `rename` gives them; "" leaves a name. Throws Error where two get one name.
NamedTensors renamed(NamedTensors weights, const std::function<std::string(std::string_view)>& rename);

/// Scale and channels of an image that is shuffled out of `channels`: most networks give what they take. Throws Error
/// naming the weight.
std::pair<int64_t, int64_t> shuffled(int64_t channels, int64_t channels_in, const std::string& name);

}  // namespace forger
