#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace forger {

/// One item of a data set.
struct Item {
  /// uint8 `[channels, height, width]` of the set's shape, or float32 `[2, 1, 1]` for points.
  at::Tensor image;
  /// What the image is to be made from, uint8 `[channels, height, width]` of a shape of its own; undefined in sets of
  /// images alone.
  at::Tensor source = {};
  /// Class number, or -1 where there is none.
  int64_t label = -1;
};

/// The draw for whoever wants the same item each time, as referee and measures do.
inline constexpr uint64_t kFixedDraw = 0;

/// A list of images, all of one shape. `get` may be called from several threads at once.
class Dataset {
 public:
  virtual ~Dataset() = default;

  virtual int64_t size() const = 0;

  /// Item `index`, decoded and resized. Where the set varies (random crops, degradations, partners), what is drawn is a
  /// function of `index` and `draw` alone. Throws Error, naming the file and the reason, when it cannot be read.
  virtual Item get(int64_t index, uint64_t draw) const = 0;

  /// The same with images and sources in each other's place; null where sources are no kind of images of their own.
  virtual std::shared_ptr<const Dataset> turned_round() const { return nullptr; }

  /// Whether another draw gives another item: then decoded items are not kept.
  virtual bool varies() const { return false; }

  /// The pictures that items are parts of: items with the same number cost one decoding when they are asked for one
  /// after the other. Empty: each item is a picture of its own.
  virtual std::vector<int64_t> pictures() const { return {}; }
  /// So many pictures stay decoded at once; counts only where there are `pictures`.
  virtual int64_t pictures_kept() const { return 1; }

  /// Names and reasons of what was unreadable since the last call and was replaced in items that could be had.
  virtual std::vector<std::string> take_bad() const { return {}; }

  /// File name (or "train-images-idx3-ubyte.gz#17") for people.
  virtual std::string name(int64_t index) const = 0;

  /// Class names in the order of their numbers; empty when there are no classes.
  virtual std::vector<std::string> class_names() const { return {}; }
};

}  // namespace forger
