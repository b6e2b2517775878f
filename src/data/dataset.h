#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

namespace forger {

/// One item of a data set.
struct Sample {
  /// uint8 `[channels, height, width]` of the set's shape, or float32 `[2, 1, 1]` for points.
  at::Tensor pixels;
  /// Class number, or -1 where there is none.
  int64_t label = -1;
};

/// A fixed list of images, all of one shape. `get` may be called from several threads at once.
class Dataset {
 public:
  virtual ~Dataset() = default;

  virtual int64_t size() const = 0;

  /// Item `index`, decoded and resized. Throws Error, naming the file and the reason, when it cannot be read.
  virtual Sample get(int64_t index) const = 0;

  /// File name (or "train-images-idx3-ubyte.gz#17") for people.
  virtual std::string name(int64_t index) const = 0;

  /// Class names in the order of their numbers; empty when there are no classes.
  virtual std::vector<std::string> class_names() const { return {}; }
};

}  // namespace forger
