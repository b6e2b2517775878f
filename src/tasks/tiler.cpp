#include "tasks/tiler.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "core/torch.h"
#include "image/tiles.h"

namespace forger {
namespace {

int64_t rounded_up(int64_t value, int64_t multiple) { return (value + multiple - 1) / multiple * multiple; }

}  // namespace

int64_t Tiler::Side::extent(size_t index) const { return std::min(tile, length - starts[index]); }

/// How much a pixel counts that lies `place` pixels into a tile.
double Tiler::weight(const Side& side, size_t index, int64_t place) const {
  const int64_t end = side.extent(index) - 1 - place;
  if (tiling_.seams == Tiling::Seams::feathered) {
    return 2 * (static_cast<double>(std::min(place, end)) + 1) / static_cast<double>(side.extent(index));
  }
  const auto counts = [&](int64_t from_edge) {
    if (tiling_.seams == Tiling::Seams::hidden) return from_edge >= tiling_.rule.halo_px ? 1.0 : 0.0;
    const int64_t outer = tiling_.margin_px / 2, fading = 2 * (tiling_.margin_px - outer);
    return std::clamp((static_cast<double>(from_edge - outer) + 0.5) / static_cast<double>(fading), 0.0, 1.0);
  };
  const bool is_first = index == 0, is_last = index + 1 == side.starts.size();
  return (is_first ? 1 : counts(place)) * (is_last ? 1 : counts(end));
}

Tiler::Side Tiler::side(int64_t length, int64_t tile) const {
  Side side{.length = length, .tile = std::min(tile, length), .starts = {}, .weights = {}};
  if (tiling_.seams == Tiling::Seams::feathered) {
    side.starts = tile_starts(length, side.tile);
  } else if (tile >= length) {
    side.starts = {0};
  } else {
    // Where a network halves sides, tiles begin where its grid does. They are of one length, but for the last.
    const int64_t multiple = tiling_.rule.multiple_px;
    const int64_t margin =
        rounded_up(tiling_.seams == Tiling::Seams::hidden ? tiling_.rule.halo_px : tiling_.margin_px, multiple);
    const int64_t longest = std::max((tile - 2 * margin) / multiple * multiple, multiple);
    const int64_t inner = std::max<int64_t>(length - 2 * margin, 1), count = (inner + longest - 1) / longest;
    const int64_t step = rounded_up((inner + count - 1) / count, multiple);
    side.tile = step + 2 * margin;
    for (int64_t start = 0; start == 0 || start + 2 * margin < length; start += step) side.starts.push_back(start);
  }
  std::vector<double> sums(static_cast<size_t>(length));
  const auto for_each_place = [&](const auto& work) {
    for (size_t index = 0; index < side.starts.size(); ++index) {
      for (int64_t place = 0; place < side.extent(index); ++place) {
        work(index, place, sums[static_cast<size_t>(side.starts[index] + place)]);
      }
    }
  };
  for_each_place([&](size_t index, int64_t place, double& sum) { sum += weight(side, index, place); });
  side.weights.resize(side.starts.size());
  for_each_place([&](size_t index, int64_t place, double sum) {
    side.weights[index].push_back(static_cast<float>(weight(side, index, place) / sum));
  });
  return side;
}

int64_t Tiler::tiles_of(int64_t height, int64_t width) const {
  return static_cast<int64_t>(side(height, tiling_.height_px).starts.size() *
                              side(width, tiling_.width_px).starts.size());
}

at::Tensor Tiler::tensor_of(Pixels part, int64_t value_bytes) const {
  if (value_bytes == 1) return to_tensor(tiling_.channels == 0 ? std::move(part) : to_channels(part, tiling_.channels));
  auto values = at::empty({part.height, part.width, part.channels / value_bytes}, at::kInt);
  auto* to = values.mutable_data_ptr<int32_t>();
  for (size_t i = 0; i < part.values.size(); i += 2) {
    uint16_t value = 0;
    std::memcpy(&value, part.values.data() + i, sizeof value);
    *to++ = value;
  }
  return values.permute({2, 0, 1});
}

void Tiler::add(RowReader& rows, std::unique_ptr<Reporter> reporter) {
  subjects_.push_back(std::make_unique<Subject>());
  Subject& subject = *subjects_.back();
  subject.rows = side(rows.height(), tiling_.height_px);
  subject.columns = side(rows.width(), tiling_.width_px);
  subject.value_bytes = rows.value_bytes();
  subject.band = Pixels(0, rows.width(), rows.channels() * rows.value_bytes());
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
      const auto pixels = tensor_of(cut(subject.band, down.starts[row] - subject.told, across.starts[column],
                                        down.extent(row), across.extent(column)),
                                    rows.value_bytes());
      const bool is_alike = tiles_.empty() || (tiles_.front().pixels.sizes() == pixels.sizes() &&
                                               tiles_.front().pixels.scalar_type() == pixels.scalar_type());
      if (!is_alike) look();
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
  const auto made = make_(at::stack(pixels));
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
  const Side &down = subject.rows, &across = subject.columns;
  const int64_t scale = tiling_.rule.scale, planes = made.size(2), width = scale * subject.band.width * planes;
  subject.planes = planes;
  const int64_t top = down.starts[tile.row] - subject.told, left = scale * across.starts[tile.column] * planes;
  while (static_cast<int64_t>(subject.made.size()) < top + down.extent(tile.row)) {
    subject.made.emplace_back(static_cast<size_t>(scale * width));
  }
  const float* values = made.const_data_ptr<float>();
  for (int64_t y = 0; y < scale * down.extent(tile.row); ++y) {
    const float here = down.weights[tile.row][static_cast<size_t>(y / scale)];
    float* to = subject.made[static_cast<size_t>(top + y / scale)].data() + (y % scale) * width + left;
    for (const float along : across.weights[tile.column]) {
      const float weight = here * along;
      for (int64_t i = 0; weight > 0 && i < scale * planes; ++i) to[i] += weight * values[i];
      to += scale * planes;
      values += scale * planes;
    }
  }
}

/// Tells of the rows that no tile to come lies on, and lets them go.
void Tiler::tell(Subject& subject) const {
  const auto whole_rows_of_tiles = static_cast<size_t>(subject.seen) / subject.columns.starts.size();
  const auto& tops = subject.rows.starts;
  const int64_t until = whole_rows_of_tiles < tops.size() ? tops[whole_rows_of_tiles] : subject.rows.length;
  Pixels& band = subject.band;
  const int64_t count = until - subject.told;
  for (int64_t y = 0; y < count; ++y) {
    subject.reporter->row(band.row(y), subject.made.front().data());
    subject.made.pop_front();
  }
  band.values.erase(band.values.begin(), band.values.begin() + count * band.width * band.channels);
  band.height -= count;
  subject.told = until;
}

}  // namespace forger
