#include "data/side_source.h"

#include "core/fail.h"
#include "image/tiles.h"

namespace forger {
namespace {

/// Of an image of two halves.
int64_t half_width(int64_t height, int64_t width, const std::string& name) {
  if (width % 2 == 0) return width / 2;
  fail("{}: is {}x{} (height x width), accepted: an even width, as its halves are a pair", name, height, width);
}

}  // namespace

ImageInfo SideSource::info(int64_t index) const {
  auto info = from_->info(item(index));
  if (part_ != Part::whole) info.width = half_width(info.height, info.width, name(index));
  return info;
}

Pixels SideSource::decode(int64_t index, const DecodeGoal& goal) const {
  if (part_ == Part::whole) return from_->decode(item(index), goal);
  // At its full size: at another one the halves might not meet in the middle.
  const auto both = from_->decode(item(index), {.levels = goal.levels, .count = goal.count});
  const int64_t width = half_width(both.height, both.width, name(index));
  return cut(both, 0, part_ == Part::left ? 0 : width, both.height, width);
}

}  // namespace forger
