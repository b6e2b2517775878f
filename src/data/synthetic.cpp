#include "data/synthetic.h"

#include <ATen/ops/empty.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "core/fail.h"
#include "core/random.h"
#include "core/text.h"

namespace forger {
namespace {

/// Random numbers of one item: a counter through derive_seed, so that no item depends on another.
class ItemNumbers {
 public:
  ItemNumbers(uint64_t seed, int64_t index)
      : seed_(derive_seed(seed, Stream::synthetic, static_cast<uint64_t>(index))) {}

  /// Within [low, high).
  double uniform(double low, double high) {
    const uint64_t bits = derive_seed(seed_, Stream::synthetic, draws_++);
    return low + (high - low) * static_cast<double>(bits >> 11) * 0x1p-53;
  }

  /// Standard normal (Box and Muller 1958).
  double normal() {
    const double radius = std::sqrt(-2 * std::log(1 - uniform(0, 1)));
    return radius * std::cos(uniform(0, 2 * std::numbers::pi));
  }

 private:
  uint64_t seed_;
  uint64_t draws_ = 0;
};

class SyntheticSource : public Source {
 public:
  explicit SyntheticSource(const SyntheticOptions& options) : options_(options) {}
  std::string kind() const override { return "synthetic"; }
  int64_t size() const override { return options_.count; }
  std::string name(int64_t index) const override { return fmt::format("{}#{}", options_.name, index); }

 protected:
  SyntheticOptions options_;
};

class PointSource : public SyntheticSource {
 public:
  PointSource(const SyntheticOptions& options, std::vector<std::array<double, 2>> centers, double sigma)
      : SyntheticSource(options), centers_(std::move(centers)), sigma_(sigma) {}

  bool has_points() const override { return true; }
  int64_t label(int64_t index) const override { return index % static_cast<int64_t>(centers_.size()); }
  std::vector<std::string> class_names() const override {
    std::vector<std::string> names;
    for (size_t i = 0; i < centers_.size(); ++i) names.push_back(std::to_string(i));
    return names;
  }
  at::Tensor point(int64_t index) const override {
    ItemNumbers random(options_.seed, index);
    const auto& center = centers_[static_cast<size_t>(label(index))];
    at::Tensor point = at::empty({2, 1, 1}, at::kFloat);
    auto* numbers = point.mutable_data_ptr<float>();
    for (size_t i = 0; i < 2; ++i) numbers[i] = static_cast<float>(center[i] + sigma_ * random.normal());
    return point;
  }
  ImageInfo info(int64_t index) const override { no_image(index); }
  Pixels decode(int64_t index, const DecodeGoal&) const override { no_image(index); }

 private:
  [[noreturn]] void no_image(int64_t index) const { fail("{}: is a point and no image", name(index)); }

  std::vector<std::array<double, 2>> centers_;
  double sigma_;
};

struct Color {
  const char* name;
  std::array<double, 3> rgb;
};

/// Also apart from each other, and from the background, as greys: luma about 95, 140, 70, 212 on 20.
constexpr std::array<Color, 4> kColors = {
    {{"red", {215, 40, 55}}, {"green", {60, 190, 90}}, {"blue", {40, 62, 205}}, {"yellow", {250, 220, 70}}}};
constexpr std::array<double, 3> kBackground = {20, 20, 24};
constexpr std::array<const char*, 4> kShapes = {"circle", "square", "triangle", "cross"};

/// Signed distance from (x, y) to the outline of a shape of "radius" 1 around the origin; negative inside. (y
/// points down.) Distances of convex corners are those of the nearest edge's line, which is all that
/// antialiasing needs.
double distance_to(size_t shape, double x, double y) {
  const double ax = std::abs(x), ay = std::abs(y);
  switch (shape) {
    case 0: return std::hypot(x, y) - 1;
    case 1: return std::max(ax, ay) - 0.86;
    case 2: return std::max(y - 0.6, ax * 0.866 - y * 0.5 - 0.55);
    default: return std::min(std::max(ax - 0.32, ay - 1), std::max(ax - 1, ay - 0.32));
  }
}

class ShapeSource : public SyntheticSource {
 public:
  explicit ShapeSource(const SyntheticOptions& options) : SyntheticSource(options) {}

  int64_t label(int64_t index) const override { return index % static_cast<int64_t>(kShapes.size() * kColors.size()); }
  std::vector<std::string> class_names() const override {
    std::vector<std::string> names;
    for (const char* shape : kShapes) {
      for (const auto& color : kColors) names.push_back(fmt::format("{}-{}", color.name, shape));
    }
    return names;
  }

  ImageInfo info(int64_t) const override {
    ImageInfo info;
    info.height = options_.height_px;
    info.width = options_.width_px;
    info.channels = options_.channels;
    info.mode = info.channels == 1 ? "grey" : info.channels == 3 ? "RGB" : "RGBA";
    info.alpha = info.channels == 4;
    return info;
  }

  Pixels decode(int64_t index, const DecodeGoal&) const override {
    ItemNumbers random(options_.seed, index);
    const auto mode = static_cast<size_t>(label(index));
    const size_t shape = mode / kColors.size();
    const Color& color = kColors[mode % kColors.size()];
    const double height = static_cast<double>(options_.height_px), width = static_cast<double>(options_.width_px);
    const double side = std::min(height, width);
    const double radius = side * random.uniform(0.22, 0.34);
    const double center_x = random.uniform(radius, width - radius), center_y = random.uniform(radius, height - radius);
    Pixels image(options_.height_px, options_.width_px, options_.channels == 4 ? 4 : 3);
    uint8_t* to = image.values.data();
    for (int64_t row = 0; row < image.height; ++row) {
      for (int64_t column = 0; column < image.width; ++column) {
        const double x = (static_cast<double>(column) + 0.5 - center_x) / radius;
        const double y = (static_cast<double>(row) + 0.5 - center_y) / radius;
        const double cover = std::clamp(0.5 - radius * distance_to(shape, x, y), 0.0, 1.0);
        for (size_t c = 0; c < 3; ++c) {
          // With alpha the shape stands free, in its full colour; else it lies on the background.
          const double value =
              image.channels == 4 ? color.rgb[c] : kBackground[c] + cover * (color.rgb[c] - kBackground[c]);
          *to++ = static_cast<uint8_t>(value + 0.5);
        }
        if (image.channels == 4) *to++ = static_cast<uint8_t>(255 * cover + 0.5);
      }
    }
    return to_channels(std::move(image), options_.channels);
  }
};

}  // namespace

bool is_point_set(const std::string& name) { return name == "ring8" || name == "grid25"; }

std::shared_ptr<const Source> open_synthetic(const SyntheticOptions& options) {
  if (options.count < 1) fail("synthetic:{}: received {} items, accepted: 1 or more", options.name, options.count);
  if (options.name == "ring8") {
    std::vector<std::array<double, 2>> centers;
    for (int i = 0; i < 8; ++i)
      centers.push_back({std::cos(i * std::numbers::pi / 4), std::sin(i * std::numbers::pi / 4)});
    return std::make_shared<PointSource>(options, std::move(centers), 0.01);
  }
  if (options.name == "grid25") {
    std::vector<std::array<double, 2>> centers;
    for (int row = 0; row < 5; ++row) {
      for (int column = 0; column < 5; ++column) centers.push_back({2.0 * column - 4, 2.0 * row - 4});
    }
    return std::make_shared<PointSource>(options, std::move(centers), 0.05);
  }
  const std::vector<std::string> names = {"ring8", "grid25", "shapes"};
  if (options.name != "shapes") {
    fail("data: received \"synthetic:{}\", accepted: synthetic: followed by {}{}", options.name, join(names),
         did_you_mean(options.name, names));
  }
  if (options.channels != 1 && options.channels != 3 && options.channels != 4) {
    fail("data.channels: received {} for synthetic:shapes, accepted: 1 (grey), 3 (RGB), 4 (RGBA)", options.channels);
  }
  return std::make_shared<ShapeSource>(options);
}

}  // namespace forger
