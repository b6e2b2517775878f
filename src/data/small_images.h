#pragma once

#include <memory>
#include <string>

#include "data/image_names.h"
#include "data/source.h"

namespace forger {

/// The small images of a data set's pictures, where they are given: those of the same name, whatever the extension, or
/// with the scale behind it ("0801x4.png" of "0801.png", as DIV2K has them).
class SmallImages {
 public:
  /// `key`: of the option that names them, for messages.
  SmallImages(std::shared_ptr<const Source> source, int64_t scale, std::string key);

  /// Of the picture of that name. Throws Error where there is none.
  int64_t number_of(const std::string& picture) const;
  /// `count`: as in DecodeGoal.
  Pixels decode(int64_t number, const Levels& levels, DeepCount* count = nullptr) const {
    return source_->decode(number, {.levels = levels, .count = count});
  }
  /// Throws Error, naming both, unless the small image has the size of a picture of this height and width over the
  /// scale.
  void check_size(int64_t number, const Pixels& small, const std::string& picture, int64_t height, int64_t width) const;

 private:
  std::shared_ptr<const Source> source_;
  int64_t scale_;
  std::string key_;
  ImageNames names_;
};

}  // namespace forger
