#include "api/row_output.h"

#include <algorithm>
#include <cmath>

namespace forger {
namespace {

bool has_alpha(const PictureShape& shape) { return shape.channels % 2 == 0; }

/// Colours times alpha, or, with `back`, divided by it: what is see-through does not count for the colours beside it.
void weigh_by_alpha(std::vector<float>& row, int64_t channels, bool back) {
  constexpr float kLeast = 1e-4F;
  const auto count = static_cast<size_t>(channels);
  for (size_t i = 0; i < row.size(); i += count) {
    const float alpha = row[i + count - 1], factor = back ? 1 / std::max(alpha, kLeast) : alpha;
    for (size_t c = 0; c + 1 < count; ++c) row[i + c] *= factor;
  }
}

template <class Value>
void to_levels(const float* row, std::vector<Value>& levels) {
  constexpr auto kWhite = static_cast<float>(static_cast<Value>(~Value{0}));
  for (auto& level : levels) level = static_cast<Value>(std::clamp(*row++, 0.0F, 1.0F) * kWhite + 0.5F);
}

}  // namespace

RowOutput::RowOutput(const RowOutputShape& shape, RowWriter& writer) : shape_(shape), writer_(writer) {
  const auto& to = shape.to;
  const int64_t height = shape.scale * shape.height, width = shape.scale * shape.width;
  if (to.height != height || to.width != width) {
    resizer_.emplace(height, width, to.height, to.width, to.channels, [this](const float* row) {
      if (has_alpha(shape_.to)) {
        weighted_.assign(row, row + shape_.to.width * shape_.to.channels);
        weigh_by_alpha(weighted_, shape_.to.channels, /*back=*/true);
        row = weighted_.data();
      }
      write(row);
    });
  }
  const auto values = static_cast<size_t>(to.width * to.channels);
  if (to.bit_depth == 16) {
    words_.resize(values);
  } else {
    bytes_.resize(values);
  }
}

void RowOutput::row(const uint8_t*, const float* made) {
  const int64_t y = next_++;
  if (y < shape_.margin || y >= shape_.margin + shape_.height) return;
  const int64_t channels = shape_.to.channels, whole = shape_.scale * (shape_.width + 2 * shape_.margin) * channels;
  for (int64_t i = 0; i < shape_.scale; ++i) give(made + i * whole + shape_.scale * shape_.margin * channels);
}

void RowOutput::give(const float* row) {
  if (!resizer_) {
    write(row);
  } else if (!has_alpha(shape_.to)) {
    resizer_->put(row);
  } else {
    weighted_.assign(row, row + shape_.scale * shape_.width * shape_.to.channels);
    weigh_by_alpha(weighted_, shape_.to.channels, /*back=*/false);
    resizer_->put(weighted_.data());
  }
}

void RowOutput::write(const float* row) {
  if (shape_.to.bit_depth == 16) {
    to_levels(row, words_);
    writer_.write_row(words_.data());
  } else {
    to_levels(row, bytes_);
    writer_.write_row(bytes_.data());
  }
}

}  // namespace forger
