#pragma once

#include <string>

#include "data/source.h"

namespace forger {

/// A source whose items are image files: in a folder or in an archive.
class EncodedSource : public Source {
 public:
  bool has_files() const override { return true; }
  ImageInfo info(int64_t index) const override { return image_info(file_bytes(index), name(index)); }
  Pixels decode(int64_t index, const DecodeGoal& goal) const override {
    return decode_image(file_bytes(index), name(index), goal);
  }
};

}  // namespace forger
