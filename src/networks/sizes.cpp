#include "networks/sizes.h"

#include <algorithm>
#include <set>
#include <vector>

#include "core/fail.h"
#include "core/text.h"

namespace forger {
namespace {

constexpr int64_t kSmallestSide = 4;

int64_t doublings_of(int64_t depth, int64_t height, int64_t width) {
  if (depth > 0) return depth;
  int64_t doublings = 0;
  while ((std::min(height, width) >> (doublings + 1)) >= kSmallestSide) ++doublings;
  return doublings;
}

bool fits(int64_t depth, int64_t height, int64_t width) {
  const int64_t doublings = doublings_of(depth, height, width);
  if (doublings == 0 || doublings > 30) return false;
  const int64_t multiple = int64_t{1} << doublings;
  return height > 0 && width > 0 && height % multiple == 0 && width % multiple == 0;
}

// The nearest sizes below and above that fit, by rounding both sides to the same power of two.
std::string nearest_sizes(int64_t depth, const ImageShape& shape) {
  const int64_t doublings = std::clamp<int64_t>(doublings_of(depth, shape.height, shape.width), 1, 16);
  std::set<std::pair<int64_t, int64_t>> found;
  for (const bool up : {false, true}) {
    for (int64_t multiple = int64_t{1} << doublings; multiple <= int64_t{1} << 17; multiple *= 2) {
      const auto rounded = [&](int64_t side) {
        return std::max<int64_t>(up ? (side + multiple - 1) / multiple : side / multiple, 1) * multiple;
      };
      if (!fits(depth, rounded(shape.height), rounded(shape.width))) continue;
      found.emplace(rounded(shape.height), rounded(shape.width));
      break;
    }
  }
  std::vector<std::string> words;
  for (const auto& [height, width] : found) words.push_back(fmt::format("{}x{}", height, width));
  return join(words);
}

}  // namespace

void expect_image(const std::string& player, const std::string& network, const ImageShape& shape) {
  if (!shape.is_point()) return;
  fail("{}.network: received \"{}\" for points, accepted for points: mlp (the recipe \"points\" has it)", player,
       network);
}

StartGrid start_grid(const std::string& player, const std::string& network, int64_t depth, const ImageShape& shape) {
  expect_image(player, network, shape);
  if (!fits(depth, shape.height, shape.width)) {
    fail(
        "{}.network \"{}\" with {}.depth = {}: received images of {}x{} (height x width), accepted: sides "
        "that can be "
        "halved {}, e.g. {} (set data.size, or another depth)",
        player, network, player, depth, shape.height, shape.width,
        depth > 0 ? fmt::format("{} times", depth) : "down to 4 to 7 pixels", nearest_sizes(depth, shape));
  }
  const int64_t doublings = doublings_of(depth, shape.height, shape.width);
  return {doublings, shape.height >> doublings, shape.width >> doublings};
}

int64_t convolutional_latent_channels(int64_t latent_size, const StartGrid& grid) {
  const int64_t places = grid.height * grid.width;
  if (latent_size % places != 0) {
    fail(
        "generator.latent_size: received {} with generator.convolutional_latent, accepted: a multiple of {} (the "
        "network begins "
        "on a grid of {}x{})",
        latent_size, places, grid.height, grid.width);
  }
  return latent_size / places;
}

int64_t level_channels(int64_t width, int64_t max_width, int64_t level) {
  int64_t channels = std::min(width, max_width);
  for (int64_t i = 0; i < level && channels < max_width; ++i) channels = std::min(2 * channels, max_width);
  return channels;
}

}  // namespace forger
