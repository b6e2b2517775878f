#pragma once

#include <c10/core/ScalarType.h>

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace forger {

/// Numbers that lie in a file of PyTorch under a key.
struct PickledStorage {
  std::string key;
  at::ScalarType dtype = at::kFloat;
  int64_t numbers = 0;
  /// Where a view of another storage begins in it; files before PyTorch 1.6 only.
  int64_t offset = 0;
};

/// A tensor as a file of PyTorch describes it: a view of a storage, not yet checked to lie within it.
struct PickledTensor {
  PickledStorage storage;
  int64_t offset = 0;
  std::vector<int64_t> sizes, strides;
};

struct PickledValue;
/// Several places may hold the same value, and a hostile file a dictionary that holds itself: whoever walks must count
/// the levels. Lives as long as the Pickle.
using PickledReference = const PickledValue*;
/// Tuples too.
using PickledList = std::vector<PickledReference>;
using PickledDictionary = std::vector<std::pair<PickledReference, PickledReference>>;
/// Of a list of names, what may be called.
struct PickledName {
  std::string module, name;
};

/// What stands in a pickle; monostate is None.
struct PickledValue {
  std::variant<std::monostate, bool, int64_t, double, std::string, PickledList, PickledDictionary, PickledStorage,
               PickledTensor, PickledName>
      value;
};

/// One object that Python's pickle module wrote, protocols 2 to 5, as far as dictionaries of weights need it:
/// dictionaries, lists, tuples, texts, numbers, tensors and storages. Nothing is ever run: the few names that stand for
/// tensors are understood, every other is refused.
class Pickle {
 public:
  /// Reads from the beginning of `bytes`. Throws Error with the bare reason: a name that is refused ("os.system"), an
  /// instruction, a damaged or endless stream.
  explicit Pickle(std::string_view bytes);
  Pickle(Pickle&&) = default;
  Pickle(const Pickle&) = delete;
  Pickle& operator=(const Pickle&) = delete;

  PickledReference value() const { return value_; }
  /// How many bytes it took.
  size_t size() const { return size_; }
  /// Every storage that it speaks of, in that order.
  void for_each_storage(const std::function<void(const PickledStorage& storage)>& visit) const;

 private:
  std::deque<PickledValue> values_;
  PickledReference value_ = nullptr;
  size_t size_ = 0;
};

/// The value if it is a `T`, else null.
template <class T>
const T* pickled(PickledReference reference) {
  return reference ? std::get_if<T>(&reference->value) : nullptr;
}

/// The value under a text in a dictionary, or null.
PickledReference find_pickled(const PickledDictionary& dictionary, std::string_view key);

}  // namespace forger
