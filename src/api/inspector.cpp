#include "api/inspector.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/torch.h"
#include "data/inputs.h"
#include "image/grid.h"
#include "image/tiles.h"

namespace forger {
namespace {

constexpr size_t kBatchTiles = 64;

/// Weight of a tile's pixel by its place in the tile: 1 in the middle, small at the edges.
double edge_weight(int64_t place, int64_t length) {
  return 2 * (static_cast<double>(std::min(place, length - 1 - place)) + 1) / static_cast<double>(length);
}

}  // namespace

ImageShape shape_of(const ModelInfo& info) { return {info.channels, info.height_px, info.width_px}; }

Pixels to_inspect(Pixels image, const ModelInfo& info, const std::string& name, const std::string& resize) {
  const bool fits = image.height >= info.height_px && image.width >= info.width_px;
  return fits && resize.empty() ? image : to_model_shape(std::move(image), shape_of(info), name, resize);
}

void Inspector::add(const Pixels& image, Done done) {
  const auto& info = model_.info();
  const auto tops = tile_starts(image.height, info.height_px), lefts = tile_starts(image.width, info.width_px);
  auto subject = std::make_unique<Subject>();
  subject->width = image.width;
  subject->tiles = static_cast<int64_t>(tops.size() * lefts.size());
  subject->weights.resize(static_cast<size_t>(image.height * image.width));
  subject->found.map.resize(subject->weights.size());
  subject->done = std::move(done);
  subjects_.push_back(std::move(subject));
  Subject* watched = subjects_.back().get();
  for (const int64_t top : tops) {
    for (const int64_t left : lefts) {
      const Pixels part = to_channels(cut(image, top, left, info.height_px, info.width_px), info.channels);
      tiles_.push_back({watched, top, left, to_tensor(part)});
      if (tiles_.size() == kBatchTiles) look();
    }
  }
}

void Inspector::finish() {
  if (!tiles_.empty()) look();
}

void Inspector::look() {
  std::vector<at::Tensor> pixels;
  for (const auto& tile : tiles_) pixels.push_back(tile.pixels);
  const auto found = model_.detect(to_floats(at::stack(pixels)));
  const auto maps = found.maps.contiguous();
  for (size_t i = 0; i < tiles_.size(); ++i) {
    const auto index = static_cast<int64_t>(i);
    Subject& subject = *tiles_[i].subject;
    add_map(tiles_[i], maps[index].const_data_ptr<float>());
    const double score = found.scores[index].item<double>();
    if (score > subject.found.score) {
      subject.found.score = score;
      subject.tile_p_normal = found.p_normal[index].item<double>();
    }
    ++subject.seen;
  }
  tiles_.clear();
  while (!subjects_.empty() && subjects_.front()->seen == subjects_.front()->tiles) {
    complete(*subjects_.front());
    subjects_.pop_front();
  }
}

void Inspector::add_map(const Tile& tile, const float* map) const {
  const auto& info = model_.info();
  for (int64_t y = 0; y < info.height_px; ++y) {
    const int64_t row = (tile.top + y) * tile.subject->width + tile.left;
    for (int64_t x = 0; x < info.width_px; ++x) {
      const auto weight = static_cast<float>(edge_weight(y, info.height_px) * edge_weight(x, info.width_px));
      tile.subject->found.map[static_cast<size_t>(row + x)] += weight * *map++;
      tile.subject->weights[static_cast<size_t>(row + x)] += weight;
    }
  }
}

void Inspector::complete(Subject& subject) {
  for (size_t i = 0; i < subject.weights.size(); ++i) subject.found.map[i] /= subject.weights[i];
  // That one of several tiles is so strange is less rare than that one is: Šidák's correction.
  const double others = std::log1p(-std::min(subject.tile_p_normal, 1 - 1e-12));
  subject.found.p_normal = subject.tiles == 1 ? subject.tile_p_normal : -std::expm1(static_cast<double>(subject.tiles) * others);
  subject.done(std::move(subject.found));
}

}  // namespace forger
