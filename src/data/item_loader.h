#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/shape.h"
#include "data/dataset.h"

namespace forger {

/// Loads items of a data set as plain bytes (rows of interleaved channels; first the image, then its source where it
/// has one) and keeps the account of unreadable ones. All methods but the constructor may be called from several
/// threads at once.
class ItemLoader {
 public:
  /// Reads items until one is good, to learn their shape. Throws Error when the set is empty or nothing can
  /// be read.
  ItemLoader(std::shared_ptr<const Dataset> dataset, double max_bad);

  int64_t size() const { return size_; }
  const ImageShape& shape() const { return shape_; }
  /// Of the sources; no numbers where there are none.
  const ImageShape& source_shape() const { return source_shape_; }
  /// Whether items are float points rather than 8-bit images.
  bool has_points() const { return has_points_; }
  /// Bytes of one item: of its image, and all of it.
  int64_t image_bytes() const { return shape_.numbers() * static_cast<int64_t>(has_points_ ? sizeof(float) : 1); }
  int64_t item_bytes() const { return image_bytes() + source_shape_.numbers(); }

  /// Writes item `index`, as `draw` makes it, to `bytes`, or marks it as bad and returns false.
  bool load(int64_t index, uint64_t draw, uint8_t* bytes, int64_t& label);
  /// Writes item `index` or its first good successor to `bytes`; which one that is depends on the data alone.
  /// Throws Error when no item is good.
  void load_or_successor(int64_t index, uint64_t draw, uint8_t* bytes, int64_t& label);
  bool is_bad(int64_t index) const { return bad_[static_cast<size_t>(index)]; }

  /// Throws Error, with counts and the first names, when more than the accepted share is bad.
  void check_bad() const;
  /// "name: reason" of the items found bad since the last call, and of what the data set replaced by itself.
  std::vector<std::string> take_bad();

 private:
  std::shared_ptr<const Dataset> dataset_;
  double max_bad_;
  int64_t size_;
  ImageShape shape_, source_shape_;
  bool has_points_ = false;
  std::vector<std::atomic<bool>> bad_;
  std::atomic<int64_t> bad_count_{0};
  mutable std::mutex mutex_;
  std::vector<std::string> first_bad_;
  std::vector<std::string> untold_bad_;
};

}  // namespace forger
