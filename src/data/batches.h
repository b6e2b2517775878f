#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/item_rows.h"
#include "data/dataset.h"

namespace forger {

/// Images as the networks take them.
struct Batch {
  /// float32 `[N, C, H, W]` in [-1, 1], channels-last (points: `[N, 2, 1, 1]`, as they are).
  at::Tensor images;
  /// What the images are to be made from, in the same form; undefined in sets of images alone.
  at::Tensor sources = {};
  /// int64 `[N]`, or undefined when the set has no labels.
  at::Tensor labels = {};
};

struct BatchOptions {
  /// Mirrors every second image, and its source, chosen by the seed.
  bool flip = false;
  /// Memory for decoded images, in bytes. A set that fits, and does not vary, is decoded by the constructor; else
  /// batches are decoded ahead.
  int64_t cache_bytes = int64_t{2} << 30;
  /// Processes of this machine that share this memory, each of which keeps a set of its own. Which image stands where
  /// does not depend on it.
  int64_t sharers = 1;
  /// The share of unreadable images above which the constructor or `next` throws Error.
  double max_bad = 0.01;
  /// Decoding threads; 0: one per processor.
  int64_t workers = 0;
  uint64_t seed = 1;
  /// Which images of each batch are wanted; the others are another process's.
  ItemRows rows = {};
  c10::Device device = c10::kCPU;
};

/// An endless stream of training batches: one permutation of the data after another. Which images stand at which
/// position and what is drawn for them where the set varies, depends on seed and position alone, so a resumed run seeks
/// to where it stopped. Parts of pictures that do not fit the cache come from few pictures at a time.
class Batches {
 public:
  Batches(std::shared_ptr<const Dataset> dataset, const BatchOptions& options);
  ~Batches();

  /// The next `count` images, or of these those of `rows`. Unreadable ones are replaced by their successor. Decodes the
  /// batch after it meanwhile.
  Batch next(int64_t count);

  /// Images handed out so far, to all processes.
  int64_t position() const;
  void seek(int64_t position);

  /// Seconds that all calls of `next` so far have waited for decoding.
  double waited_seconds() const;

  /// Names and reasons of the images found unreadable since the last call, for the log.
  std::vector<std::string> take_bad_images();

 private:
  class Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace forger
