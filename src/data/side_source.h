#pragma once

#include <memory>
#include <string>
#include <vector>

#include "data/source.h"

namespace forger {

/// One side of pairs that lie in one source: some of its items, or the left or right half of each.
class SideSource : public Source {
 public:
  enum class Part { whole, left, right };

  SideSource(std::shared_ptr<const Source> from, std::vector<int64_t> items, Part part)
      : from_(std::move(from)), items_(std::move(items)), part_(part) {}

  std::string kind() const override { return from_->kind(); }
  int64_t size() const override { return static_cast<int64_t>(items_.size()); }
  std::string name(int64_t index) const override { return from_->name(item(index)); }
  int64_t label(int64_t) const override { return -1; }
  std::vector<std::string> class_names() const override { return {}; }
  ImageInfo info(int64_t index) const override;
  Pixels decode(int64_t index, const DecodeGoal& goal) const override;
  bool has_points() const override { return from_->has_points(); }
  std::string file_bytes(int64_t index) const override { return from_->file_bytes(item(index)); }
  uint32_t mark(int64_t index) const override { return from_->mark(item(index)); }
  int64_t stored_bytes(int64_t index) const override { return from_->stored_bytes(item(index)); }
  bool has_files() const override { return from_->has_files(); }
  PassedOver ignored() const override { return from_->ignored(); }
  std::vector<std::string> incomplete() const override { return from_->incomplete(); }

 private:
  int64_t item(int64_t index) const { return items_[static_cast<size_t>(index)]; }

  std::shared_ptr<const Source> from_;
  std::vector<int64_t> items_;
  Part part_;
};

}  // namespace forger
