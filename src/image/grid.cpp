#include "image/grid.h"

#include <algorithm>
#include <cmath>

#include "core/fail.h"
#include "core/torch.h"

namespace forger {
namespace {

/// Smaller images are enlarged in sample pictures, by the largest whole factor that keeps within this.
constexpr int64_t kPleasantSidePx = 80;

/// The smallest "round" number (1, 1.5, 2, 3, 5, 7.5 times a power of ten) at or above `value`: pictures of
/// successive samples keep their scale.
double round_up(double value) {
  const double power = std::pow(10.0, std::floor(std::log10(value)));
  for (const double step : {1.0, 1.5, 2.0, 3.0, 5.0, 7.5}) {
    if (value <= step * power) return step * power;
  }
  return 10 * power;
}

/// Draws a soft dot onto float RGB `[3, side, side]` in [0, 255].
void draw_dot(float* picture, int64_t side, double x, double y) {
  constexpr double kRadius = 2.0, kOpacity = 0.6;
  constexpr float kColor[3] = {24, 78, 178};
  const auto range = [side](double center) {
    return std::pair<int64_t, int64_t>(std::max<int64_t>(static_cast<int64_t>(center - kRadius - 1), 0),
                                       std::min<int64_t>(static_cast<int64_t>(center + kRadius + 2), side));
  };
  const auto [top, bottom] = range(y);
  const auto [left, right] = range(x);
  for (int64_t row = top; row < bottom; ++row) {
    for (int64_t column = left; column < right; ++column) {
      const double distance = std::hypot(static_cast<double>(column) + 0.5 - x, static_cast<double>(row) + 0.5 - y);
      const auto cover = static_cast<float>(kOpacity * std::clamp(kRadius + 0.5 - distance, 0.0, 1.0));
      for (int64_t c = 0; c < 3; ++c) {
        float& value = picture[(c * side + row) * side + column];
        value += cover * (kColor[c] - value);
      }
    }
  }
}

}  // namespace

at::Tensor to_bytes(const at::Tensor& images) {
  // A sample that is not a number is drawn black rather than as whatever the conversion makes of it.
  return images.to(at::kFloat).nan_to_num(-1.0).add(1).mul(127.5).round().clamp(0, 255).to(at::kByte);
}

at::Tensor to_floats(const at::Tensor& pixels) { return pixels.to(at::kFloat).div(127.5).sub(1); }

at::Tensor luma_of(const at::Tensor& rgb) {
  return rgb.narrow(1, 0, 1) * kLumaOfRed + rgb.narrow(1, 1, 1) * kLumaOfGreen + rgb.narrow(1, 2, 1) * kLumaOfBlue;
}

at::Tensor image_grid(const at::Tensor& pixels, int64_t columns) {
  if (pixels.dim() != 4 || pixels.size(0) == 0 || pixels.scalar_type() != at::kByte)
    fail(
        "grid: received {} "
        "dimensions of {}, accepted: uint8 [count, channels, height, width]",
        pixels.dim(), c10::toString(pixels.scalar_type()));
  const int64_t count = pixels.size(0), height = pixels.size(2), width = pixels.size(3);
  if (columns <= 0) {
    const double square = std::sqrt(static_cast<double>(count * height) / static_cast<double>(width));
    columns = std::clamp<int64_t>(static_cast<int64_t>(std::ceil(square - 1e-9)), 1, count);
  }
  const int64_t rows = (count + columns - 1) / columns;
  at::Tensor grid =
      at::full({pixels.size(1), rows * (height + kGridGapPx) + kGridGapPx, columns * (width + kGridGapPx) + kGridGapPx},
               255, pixels.options());
  for (int64_t i = 0; i < count; ++i) {
    const int64_t top = i / columns * (height + kGridGapPx) + kGridGapPx,
                  left = i % columns * (width + kGridGapPx) + kGridGapPx;
    grid.narrow(1, top, height).narrow(2, left, width).copy_(pixels[i]);
  }
  return grid;
}

at::Tensor scatter_picture(const at::Tensor& points, double range, int64_t side_px) {
  if (points.dim() != 2 || points.size(1) != 2)
    fail("scatter picture: received {} dimensions, accepted: [count, 2]", points.dim());
  at::Tensor picture = at::full({3, side_px, side_px}, 255.0F);
  picture.select(1, side_px / 2).fill_(222);
  picture.select(2, side_px / 2).fill_(222);
  const at::Tensor places = points.to(at::kCPU, at::kDouble).contiguous();
  const double* place = places.const_data_ptr<double>();
  const double scale = static_cast<double>(side_px) / (2 * range);
  for (int64_t i = 0; i < points.size(0); ++i, place += 2) {
    const bool visible = std::abs(place[0]) <= range && std::abs(place[1]) <= range;  // false for NaN
    if (visible)
      draw_dot(picture.mutable_data_ptr<float>(), side_px, (place[0] + range) * scale, (range - place[1]) * scale);
  }
  return picture.round().to(at::kByte);
}

double plane_range(const at::Tensor& points) {
  const at::Tensor places = points.detach().to(at::kCPU, at::kFloat).flatten(1);
  const at::Tensor largest = std::get<0>(places.nan_to_num(0, 0, 0).abs().max(1));
  // The outermost few do not set the scale: one stray point would shrink all others into a dot.
  const double reach = largest.quantile(0.98).item<double>();
  return round_up(std::max(reach * 1.15, 1e-3));
}

int64_t enlargement(int64_t height, int64_t width) {
  return std::max<int64_t>(kPleasantSidePx / std::max(height, width), 1);
}

at::Tensor sample_picture(const at::Tensor& samples, int64_t columns) {
  if (samples.dim() != 4 || samples.size(0) == 0)
    fail(
        "sample picture: received {} dimensions, accepted: "
        "[count, channels, height, width]",
        samples.dim());
  if (samples.size(2) == 1 && samples.size(3) == 1 && samples.size(1) == 2) {
    return scatter_picture(samples.detach().to(at::kCPU, at::kFloat).flatten(1), plane_range(samples));
  }
  const int64_t factor = enlargement(samples.size(2), samples.size(3));
  const at::Tensor pixels =
      to_bytes(samples.detach().to(at::kCPU)).repeat_interleave(factor, 2).repeat_interleave(factor, 3);
  return image_grid(pixels, columns);
}

}  // namespace forger
