#include "data/picture_cache.h"

#include <exception>
#include <utility>

namespace forger {

PictureCache::Picture PictureCache::get(int64_t number, const std::function<Pixels()>& decode) {
  std::promise<Picture> promise;
  {
    std::unique_lock lock(mutex_);
    if (const auto found = kept_.find(number); found != kept_.end()) {
      used_.splice(used_.begin(), used_, found->second.place);
      const auto picture = found->second.picture;
      lock.unlock();
      return picture.get();
    }
    used_.push_front(number);
    kept_.emplace(number, Kept{promise.get_future().share(), used_.begin()});
    if (used_.size() > most_) {
      kept_.erase(used_.back());
      used_.pop_back();
    }
  }
  try {
    auto picture = std::make_shared<const Pixels>(decode());
    promise.set_value(picture);
    return picture;
  } catch (...) {
    promise.set_exception(std::current_exception());
    forget(number);
    throw;
  }
}

void PictureCache::forget(int64_t number) {
  const std::lock_guard lock(mutex_);
  const auto found = kept_.find(number);
  if (found == kept_.end()) return;
  used_.erase(found->second.place);
  kept_.erase(found);
}

}  // namespace forger
