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

Levels levels_of(const ModelInfo& info) { return levels_in(info.levels).value_or(Levels{}); }

std::unique_ptr<RowReader> to_inspect(std::unique_ptr<RowReader> rows, const ModelInfo& info, const std::string& name,
                                      const std::string& resize) {
  if (is_seen_in_tiles(rows->height(), rows->width(), shape_of(info), name, resize)) return rows;
  Pixels image(rows->height(), rows->width(), rows->channels());
  rows->read(image.values.data(), image.height);
  return rows_of(to_model_shape(std::move(image), shape_of(info), name, resize), name);
}

void Inspector::add(RowReader& rows, std::unique_ptr<Reporter> reporter) {
  const auto& info = model_.info();
  subjects_.push_back(std::make_unique<Subject>());
  Subject& subject = *subjects_.back();
  subject.tops = tile_starts(rows.height(), info.height_px);
  subject.lefts = tile_starts(rows.width(), info.width_px);
  subject.height = rows.height();
  subject.band = Pixels(0, rows.width(), rows.channels());
  subject.reporter = std::move(reporter);
  // Once its last tile is looked at, the subject is gone.
  const auto tops = subject.tops, lefts = subject.lefts;
  for (const int64_t top : tops) {
    try {
      read_to(subject, rows, top + info.height_px);
    } catch (...) {
      forget_last();
      throw;
    }
    for (const int64_t left : lefts) {
      const Pixels part = cut(subject.band, top - subject.told, left, info.height_px, info.width_px);
      tiles_.push_back({&subject, top, left, to_tensor(to_channels(part, info.channels))});
      if (tiles_.size() == kBatchTiles) look();
    }
  }
}

void Inspector::finish() {
  if (!tiles_.empty()) look();
}

void Inspector::read_to(Subject& subject, RowReader& rows, int64_t bottom) {
  Pixels& band = subject.band;
  const int64_t more = bottom - subject.told - band.height;
  if (more <= 0) return;
  const size_t before = band.values.size();
  band.values.resize(before + static_cast<size_t>(more * band.width * band.channels));
  rows.read(band.values.data() + before, more);
  band.height += more;
  subject.map.resize(static_cast<size_t>(band.height * band.width));
  subject.weights.resize(subject.map.size());
}

/// The image that was added last cannot be read to its end.
void Inspector::forget_last() {
  const Subject* forgotten = subjects_.back().get();
  std::erase_if(tiles_, [&](const Tile& tile) { return tile.subject == forgotten; });
  subjects_.pop_back();
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
    subject.highest = std::max(subject.highest, found.scores[index].item<double>());
    ++subject.seen;
  }
  tiles_.clear();
  while (!subjects_.empty()) {
    Subject& first = *subjects_.front();
    tell(first);
    if (first.told < first.height) break;
    const double score = model_.score_of_tiles(first.highest, first.seen);
    first.reporter->done(score, model_.p_normal(score));
    subjects_.pop_front();
  }
}

void Inspector::add_map(const Tile& tile, const float* map) const {
  const auto& info = model_.info();
  Subject& subject = *tile.subject;
  for (int64_t y = 0; y < info.height_px; ++y) {
    const int64_t row = (tile.top - subject.told + y) * subject.band.width + tile.left;
    for (int64_t x = 0; x < info.width_px; ++x) {
      const auto weight = static_cast<float>(edge_weight(y, info.height_px) * edge_weight(x, info.width_px));
      subject.map[static_cast<size_t>(row + x)] += weight * *map++;
      subject.weights[static_cast<size_t>(row + x)] += weight;
    }
  }
}

/// Tells of the rows that no tile to come lies on, and lets them go.
void Inspector::tell(Subject& subject) {
  const auto whole_rows_of_tiles = static_cast<size_t>(subject.seen) / subject.lefts.size();
  const int64_t until = whole_rows_of_tiles < subject.tops.size() ? subject.tops[whole_rows_of_tiles] : subject.height;
  Pixels& band = subject.band;
  const int64_t count = until - subject.told, pixels = count * band.width;
  for (int64_t i = 0; i < pixels; ++i) subject.map[static_cast<size_t>(i)] /= subject.weights[static_cast<size_t>(i)];
  for (int64_t y = 0; y < count; ++y) subject.reporter->row(band.row(y), subject.map.data() + y * band.width);
  band.values.erase(band.values.begin(), band.values.begin() + pixels * band.channels);
  band.height -= count;
  subject.map.erase(subject.map.begin(), subject.map.begin() + pixels);
  subject.weights.erase(subject.weights.begin(), subject.weights.begin() + pixels);
  subject.told = until;
}

}  // namespace forger
