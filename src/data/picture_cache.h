#pragma once

#include <cstdint>
#include <functional>
#include <future>
#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "image/pixels.h"

namespace forger {

/// Keeps the decoded pictures that were asked for last, up to a number of them. May be used from several threads at
/// once: a picture that several want is decoded by the first of them.
class PictureCache {
 public:
  using Picture = std::shared_ptr<const Pixels>;

  explicit PictureCache(int64_t most) : most_(static_cast<size_t>(most < 1 ? 1 : most)) {}

  /// The picture of that number, from `decode` where it is not kept. Throws what `decode` throws, each time anew.
  Picture get(int64_t number, const std::function<Pixels()>& decode);

 private:
  void forget(int64_t number);

  size_t most_;
  std::mutex mutex_;
  std::list<int64_t> used_;  // the last one first
  struct Kept {
    std::shared_future<Picture> picture;
    std::list<int64_t>::iterator place;
  };
  std::unordered_map<int64_t, Kept> kept_;
};

}  // namespace forger
