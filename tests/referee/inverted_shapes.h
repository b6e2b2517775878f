#pragma once

#include <memory>

#include "core/torch.h"
#include "data/open.h"
#include "referee/reference.h"

namespace forger {

/// 16 x 16 shapes that are to be made from themselves inverted.
class Inverted : public Dataset {
 public:
  explicit Inverted(std::shared_ptr<const Dataset> images) : images_(std::move(images)) {}
  int64_t size() const override { return images_->size(); }
  Item get(int64_t index, uint64_t draw) const override {
    Item item = images_->get(index, draw);
    item.source = 255 - item.image;
    return item;
  }
  std::string name(int64_t index) const override { return images_->name(index); }

 private:
  std::shared_ptr<const Dataset> images_;
};

/// Read once for all tests.
inline std::shared_ptr<const Reference> inverted_shapes() {
  static const auto reference = [] {
    DataOptions options;
    options.source = "synthetic:shapes";
    options.size = {16, 16};
    options.held_out = 0.002;
    const auto data = open_data(options);
    return std::make_shared<Reference>(Inverted(data.training), Inverted(data.held_out), 100, 1);
  }();
  return reference;
}

}  // namespace forger
