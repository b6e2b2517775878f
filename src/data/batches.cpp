#include "data/batches.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <utility>

#include "core/clock.h"
#include "core/fail.h"
#include "core/torch.h"
#include "data/data_order.h"
#include "data/item_loader.h"
#include "data/parallel.h"
#include "data/read_ahead.h"
#include "image/grid.h"

namespace forger {
namespace {

/// Batches decoded or in decoding beyond the one that is being used: enough to even out slow images.
constexpr size_t kBatchesAhead = 3;

/// One image's bytes -> floats in [-1, 1], the same numbers as to_floats.
void write_floats(const uint8_t* bytes, const ImageShape& shape, bool mirrored, float* to) {
  if (!mirrored) {
    const int64_t count = shape.numbers();
    for (int64_t i = 0; i < count; ++i) to[i] = static_cast<float>(bytes[i]) / 127.5F - 1.0F;
    return;
  }
  for (int64_t y = 0; y < shape.height; ++y) {
    for (int64_t x = shape.width - 1; x >= 0; --x) {
      const uint8_t* from = bytes + (y * shape.width + x) * shape.channels;
      for (int64_t c = 0; c < shape.channels; ++c) *to++ = static_cast<float>(from[c]) / 127.5F - 1.0F;
    }
  }
}

void write_bytes(const uint8_t* bytes, const ImageShape& shape, bool mirrored, uint8_t* to) {
  for (int64_t y = 0; y < shape.height; ++y) {
    for (int64_t x = 0; x < shape.width; ++x, to += shape.channels) {
      const int64_t column = mirrored ? shape.width - 1 - x : x;
      std::copy_n(bytes + (y * shape.width + column) * shape.channels, shape.channels, to);
    }
  }
}

}  // namespace

class Batches::Implementation {
 public:
  Implementation(std::shared_ptr<const Dataset> dataset, const BatchOptions& options)
      : options_(options),
        has_labels_(!dataset->class_names().empty()),
        loader_(dataset, options.max_bad),
        order_(loader_.size(), options.seed) {
    const int64_t workers = worker_count(options.workers);
    const auto fits = [&](int64_t bytes) {
      return !dataset->varies() && loader_.size() <= bytes / loader_.item_bytes();
    };
    // Of the pictures that stay decoded, half are those in use, half those that come next.
    if (const auto pictures = dataset->pictures(); !pictures.empty() && !fits(options.cache_bytes)) {
      order_ = DataOrder(pictures, dataset->pictures_kept() / 2, options.seed);
    }
    if (fits(options.cache_bytes / options.sharers)) {
      decode_all(workers);
    } else {
      ahead_ = std::make_unique<ReadAhead>(loader_, workers);
    }
  }

  Batch next(int64_t count) {
    if (count < 1) fail("batch: received {} images, accepted: 1 or more", count);
    const int64_t mine = options_.rows.of_mine(count);
    std::vector<const uint8_t*> rows(static_cast<size_t>(mine));
    at::Tensor labels = at::empty({mine}, at::kLong);
    auto* label = labels.mutable_data_ptr<int64_t>();
    std::shared_ptr<DecodedBatch> decoded;  // keeps the rows alive
    if (ahead_) {
      decoded = take_ahead(count);
      for (size_t i = 0; i < rows.size(); ++i) {
        rows[i] = decoded->bytes.data() + i * static_cast<size_t>(loader_.item_bytes());
        label[i] = decoded->labels[i];
      }
    } else {
      for (size_t i = 0; i < rows.size(); ++i) {
        int64_t item = order_.item_at(position_of(i));
        while (loader_.is_bad(item)) item = (item + 1) % loader_.size();
        rows[i] = cache_.get() + item * loader_.item_bytes();
        label[i] = cached_labels_[static_cast<size_t>(item)];
      }
    }
    Batch batch{.images = make_images(rows, 0, loader_.shape())};
    if (loader_.source_shape().numbers() > 0)
      batch.sources = make_images(rows, loader_.image_bytes(), loader_.source_shape());
    if (has_labels_) batch.labels = labels.to(options_.device);
    position_ += count;
    return batch;
  }

  void seek(int64_t position) {
    if (position < 0) fail("batches: received position {}, accepted: 0 or more", position);
    position_ = position;
  }

  int64_t position() const { return position_; }
  double waited_seconds() const { return waited_seconds_; }
  std::vector<std::string> take_bad_images() { return loader_.take_bad(); }

 private:
  void decode_all(int64_t workers) {
    const auto size = static_cast<size_t>(loader_.size());
    cache_ = std::make_unique_for_overwrite<uint8_t[]>(size * static_cast<size_t>(loader_.item_bytes()));
    cached_labels_.resize(size);
    parallel_items(loader_.size(), workers, [&](int64_t i) {
      loader_.load(i, kFixedDraw, cache_.get() + i * loader_.item_bytes(), cached_labels_[static_cast<size_t>(i)]);
    });
    loader_.check_bad();
  }

  /// Where in the order the present batch's own image stands.
  int64_t position_of(size_t row) const { return position_ + options_.rows.of_all(static_cast<int64_t>(row)); }

  std::vector<DrawnItem> items_from(int64_t position, int64_t count) {
    std::vector<DrawnItem> items;
    for (int64_t i = 0; i < options_.rows.of_mine(count); ++i) {
      const int64_t place = position + options_.rows.of_all(i);
      items.push_back({order_.item_at(place), order_.draw_at(place)});
    }
    return items;
  }

  std::shared_ptr<DecodedBatch> take_ahead(int64_t count) {
    if (!ahead_->begins_with(position_, count)) {  // the first call, after a seek, or another batch size
      ahead_->clear();
      ahead_->ask(position_, count, items_from(position_, count));
    }
    while (ahead_->pending() <= kBatchesAhead) ahead_->ask(ahead_->end(), count, items_from(ahead_->end(), count));
    const auto start = std::chrono::steady_clock::now();
    auto batch = ahead_->take();
    waited_seconds_ += seconds_since(start);
    loader_.check_bad();
    return batch;
  }

  /// The images, or their sources, that begin `offset` bytes into each row.
  at::Tensor make_images(const std::vector<const uint8_t*>& rows, int64_t offset, const ImageShape& shape) {
    const auto count = static_cast<int64_t>(rows.size());
    const bool points = loader_.has_points();
    const auto mirrored = [&](size_t i) { return options_.flip && order_.is_mirrored(position_of(i)); };
    if (points || options_.device.is_cpu()) {
      at::Tensor images = at::empty({count, shape.channels, shape.height, shape.width},
                                    at::TensorOptions(at::kFloat).memory_format(at::MemoryFormat::ChannelsLast));
      auto* to = images.mutable_data_ptr<float>();
      for (size_t i = 0; i < rows.size(); ++i, to += shape.numbers()) {
        if (points) {
          std::memcpy(to, rows[i], static_cast<size_t>(loader_.item_bytes()));
        } else {
          write_floats(rows[i] + offset, shape, mirrored(i), to);
        }
      }
      return images.to(options_.device);
    }
    // A quarter of the traffic: bytes travel, the device makes floats of them.
    at::Tensor bytes = at::empty({count, shape.height, shape.width, shape.channels},
                                 at::TensorOptions(at::kByte).pinned_memory(options_.device.is_cuda()));
    auto* to = bytes.mutable_data_ptr<uint8_t>();
    for (size_t i = 0; i < rows.size(); ++i, to += shape.numbers())
      write_bytes(rows[i] + offset, shape, mirrored(i), to);
    return to_floats(bytes.to(options_.device, /*non_blocking=*/true).permute({0, 3, 1, 2}));
  }

  BatchOptions options_;
  bool has_labels_;
  ItemLoader loader_;
  DataOrder order_;
  int64_t position_ = 0;
  double waited_seconds_ = 0;
  // Either everything decoded …
  std::unique_ptr<uint8_t[]> cache_;
  std::vector<int64_t> cached_labels_;
  // … or what comes next. Last, so that its threads end before what they work on goes.
  std::unique_ptr<ReadAhead> ahead_;
};

Batches::Batches(std::shared_ptr<const Dataset> dataset, const BatchOptions& options)
    : implementation_(std::make_unique<Implementation>(std::move(dataset), options)) {}
Batches::~Batches() = default;
Batch Batches::next(int64_t count) { return implementation_->next(count); }
int64_t Batches::position() const { return implementation_->position(); }
void Batches::seek(int64_t position) { implementation_->seek(position); }
double Batches::waited_seconds() const { return implementation_->waited_seconds(); }
std::vector<std::string> Batches::take_bad_images() { return implementation_->take_bad_images(); }

}  // namespace forger
