#include "image/row_resizer.h"

#include <utility>

namespace forger {

RowResizer::RowResizer(int64_t height, int64_t width, int64_t to_height, int64_t to_width, int64_t channels,
                       std::function<void(const float* row)> give)
    : channels_(channels),
      down_(filter_taps(height, to_height, Filter::bicubic)),
      across_(filter_taps(width, to_width, Filter::bicubic)),
      give_(std::move(give)) {}

void RowResizer::put(const float* row) {
  auto& wide = rows_.emplace_back(across_.size() * static_cast<size_t>(channels_));
  float* to = wide.data();
  for (const auto& [first, weights] : across_) {
    const float* from = row + first * channels_;
    for (const double weight : weights) {
      for (int64_t c = 0; c < channels_; ++c) to[c] += static_cast<float>(weight) * *from++;
    }
    to += channels_;
  }
  std::vector<float> result;
  for (; next_ < down_.size(); ++next_) {
    const auto& [first, weights] = down_[next_];
    const auto last = first + static_cast<int64_t>(weights.size());
    if (last > first_ + static_cast<int64_t>(rows_.size())) break;
    for (; first_ < first; ++first_) rows_.pop_front();
    result.assign(wide.size(), 0);
    for (size_t k = 0; k < weights.size(); ++k) {
      for (size_t i = 0; i < result.size(); ++i) result[i] += static_cast<float>(weights[k]) * rows_[k][i];
    }
    give_(result.data());
  }
}

}  // namespace forger
