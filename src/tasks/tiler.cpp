#include "tasks/tiler.h"

#include <algorithm>
#include <utility>

#include "core/torch.h"
#include "image/tiles.h"

namespace forger {
namespace {

int64_t rounded_up(int64_t value, int64_t multiple) { return (value + multiple - 1) / multiple * multiple; }

/// With the last row and column again and again, up to sides that are multiples.
at::Tensor padded(const at::Tensor& tiles, int64_t multiple) {
  const int64_t bottom = rounded_up(tiles.size(2), multiple) - tiles.size(2);
  const int64_t right = rounded_up(tiles.size(3), multiple) - tiles.size(3);
  if (bottom == 0 && right == 0) return tiles;
  return at::replication_pad2d(tiles.to(at::kFloat), {0, right, 0, bottom}).to(at::kByte);
}

}  // namespace

int64_t Tiler::Side::extent(size_t index) const { return std::min(tile, length - starts[index]); }

/// How much a pixel counts that lies `place` pixels into a tile.
double Tiler::Side::weight(size_t index, int64_t place, const Tiling& tiling) const {
  const int64_t end = extent(index) - 1 - place;
  if (tiling.seams == Tiling::Seams::feathered) {
    return 2 * (static_cast<double>(std::min(place, end)) + 1) / static_cast<double>(extent(index));
  }
  const bool is_first = index == 0, is_last = index + 1 == starts.size();
  const int64_t halo = tiling.rule.halo_px;
  return (is_first || place >= halo) && (is_last || end >= halo) ? 1 : 0;
}

Tiler::Side Tiler::side(int64_t length, int64_t tile) const {
  Side side{.length = length, .tile = std::min(tile, length), .starts = {}};
  if (tiling_.seams == Tiling::Seams::feathered) {
    side.starts = tile_starts(length, side.tile);
    return side;
  }
  // Where a network halves sides, tiles begin where its grid does, and the last one is shorter.
  const int64_t multiple = tiling_.rule.multiple_px, halo = tiling_.rule.halo_px;
  const int64_t step = std::max((side.tile - 2 * halo) / multiple * multiple, multiple);
  for (int64_t start = 0;; start += step) {
    side.starts.push_back(start);
    if (start + side.tile >= length) return side;
  }
}

void Tiler::add(RowReader& rows, std::unique_ptr<Reporter> reporter) {
  subjects_.push_back(std::make_unique<Subject>());
  Subject& subject = *subjects_.back();
  subject.rows = side(rows.height(), tiling_.height_px);
  subject.columns = side(rows.width(), tiling_.width_px);
  subject.band = Pixels(0, rows.width(), rows.channels());
  subject.reporter = std::move(reporter);
  // Once its last tile is looked at, the subject is gone.
  const Side down = subject.rows, across = subject.columns;
  for (size_t row = 0; row < down.starts.size(); ++row) {
    try {
      read_to(subject, rows, down.starts[row] + down.extent(row));
    } catch (...) {
      forget_last();
      throw;
    }
    for (size_t column = 0; column < across.starts.size(); ++column) {
      const Pixels part = cut(subject.band, down.starts[row] - subject.told, across.starts[column], down.extent(row),
                              across.extent(column));
      const auto pixels = to_tensor(to_channels(part, tiling_.channels));
      if (!tiles_.empty() && tiles_.front().pixels.sizes() != pixels.sizes()) look();
      tiles_.push_back({&subject, row, column, pixels});
      if (static_cast<int64_t>(tiles_.size()) == tiling_.tiles_at_once) look();
    }
  }
}

void Tiler::finish() {
  if (!tiles_.empty()) look();
}

void Tiler::read_to(Subject& subject, RowReader& rows, int64_t bottom) const {
  Pixels& band = subject.band;
  const int64_t more = bottom - subject.told - band.height;
  if (more <= 0) return;
  const size_t before = band.values.size();
  band.values.resize(before + static_cast<size_t>(more * band.width * band.channels));
  rows.read(band.values.data() + before, more);
  band.height += more;
}

/// The image that was added last cannot be read to its end.
void Tiler::forget_last() {
  const Subject* forgotten = subjects_.back().get();
  std::erase_if(tiles_, [&](const Tile& tile) { return tile.subject == forgotten; });
  subjects_.pop_back();
}

void Tiler::look() {
  const auto tiles = std::exchange(tiles_, {});
  std::vector<at::Tensor> pixels;
  for (const auto& tile : tiles) pixels.push_back(tile.pixels);
  const auto made = make_(padded(at::stack(pixels), tiling_.rule.multiple_px));
  const auto images = made.images.permute({0, 2, 3, 1}).contiguous();
  for (size_t i = 0; i < tiles.size(); ++i) {
    const auto index = static_cast<int64_t>(i);
    Subject& subject = *tiles[i].subject;
    put(tiles[i], images[index]);
    if (made.scores.defined()) subject.highest = std::max(subject.highest, made.scores[index].item<double>());
    ++subject.seen;
  }
  while (!subjects_.empty()) {
    Subject& first = *subjects_.front();
    tell(first);
    if (first.told < first.rows.length) break;
    first.reporter->done(first.highest, first.seen);
    subjects_.pop_front();
  }
}

/// Adds what was made of a tile, `[scale * h, scale * w, K]`, to what its image becomes.
void Tiler::put(const Tile& tile, const at::Tensor& made) const {
  Subject& subject = *tile.subject;
  const int64_t scale = tiling_.rule.scale, planes = made.size(2);
  const int64_t width = scale * subject.band.width;
  subject.planes = planes;
  subject.made.resize(static_cast<size_t>(scale * subject.band.height * width * planes));
  subject.weights.resize(static_cast<size_t>(scale * subject.band.height * width));
  const Side &down = subject.rows, &across = subject.columns;
  std::vector<float> along;
  for (int64_t x = 0; x < across.extent(tile.column); ++x) {
    along.insert(along.end(), static_cast<size_t>(scale), static_cast<float>(across.weight(tile.column, x, tiling_)));
  }
  const float* from = made.const_data_ptr<float>();
  for (int64_t y = 0; y < scale * down.extent(tile.row); ++y) {
    const auto here = static_cast<float>(down.weight(tile.row, y / scale, tiling_));
    const int64_t row = scale * (down.starts[tile.row] - subject.told) + y;
    const auto to = static_cast<size_t>(row * width + scale * across.starts[tile.column]);
    const float* values = from + y * made.size(1) * planes;
    for (size_t x = 0; x < along.size(); ++x) {
      const float weight = here * along[x];
      subject.weights[to + x] += weight;
      for (int64_t k = 0; k < planes; ++k) {
        subject.made[(to + x) * static_cast<size_t>(planes) + static_cast<size_t>(k)] += weight * *values++;
      }
    }
  }
}

/// Tells of the rows that no tile to come lies on, and lets them go.
void Tiler::tell(Subject& subject) const {
  const auto whole_rows_of_tiles = static_cast<size_t>(subject.seen) / subject.columns.starts.size();
  const auto& tops = subject.rows.starts;
  const int64_t until = whole_rows_of_tiles < tops.size() ? tops[whole_rows_of_tiles] : subject.rows.length;
  const int64_t scale = tiling_.rule.scale, planes = subject.planes;
  Pixels& band = subject.band;
  const int64_t count = until - subject.told, places = count * scale * scale * band.width;
  for (int64_t i = 0; i < places; ++i) {
    for (int64_t k = 0; k < planes; ++k) {
      subject.made[static_cast<size_t>(i * planes + k)] /= subject.weights[static_cast<size_t>(i)];
    }
  }
  for (int64_t y = 0; y < count; ++y) {
    subject.reporter->row(band.row(y), subject.made.data() + y * scale * scale * band.width * planes);
  }
  band.values.erase(band.values.begin(), band.values.begin() + count * band.width * band.channels);
  band.height -= count;
  const auto gone = std::min(static_cast<std::ptrdiff_t>(places), static_cast<std::ptrdiff_t>(subject.weights.size()));
  subject.weights.erase(subject.weights.begin(), subject.weights.begin() + gone);
  subject.made.erase(subject.made.begin(), subject.made.begin() + gone * planes);
  subject.told = until;
}

}  // namespace forger
