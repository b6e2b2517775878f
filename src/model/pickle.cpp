#include "model/pickle.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <unordered_map>

#include "core/fail.h"
#include "core/utf8.h"
#include "model/pickled_names.h"

namespace forger {
namespace {

/// A dictionary of the largest networks has tens of thousands of values.
constexpr size_t kMostValues = size_t{1} << 21;
constexpr size_t kMostNameBytes = 200;

/// The instructions that are understood (Python's Lib/pickletools.py describes them).
enum : uint8_t {
  kMark = '(',
  kStop = '.',
  kPop = '0',
  kPopMark = '1',
  kDuplicate = '2',
  kNone = 'N',
  kTrue = 0x88,
  kFalse = 0x89,
  kInt4 = 'J',
  kInt1 = 'K',
  kInt2 = 'M',
  kLong1 = 0x8a,
  kLong4 = 0x8b,
  kDouble = 'G',
  kText1 = 0x8c,
  kText4 = 'X',
  kText8 = 0x8d,
  kBytes1 = 'C',
  kBytes4 = 'B',
  kBytes8 = 0x8e,
  kString1 = 'U',
  kString4 = 'T',
  kEmptyTuple = ')',
  kTuple = 't',
  kTuple1 = 0x85,
  kTuple2 = 0x86,
  kTuple3 = 0x87,
  kEmptyList = ']',
  kList = 'l',
  kAppend = 'a',
  kAppends = 'e',
  kEmptyDictionary = '}',
  kDictionary = 'd',
  kSetItem = 's',
  kSetItems = 'u',
  kGet1 = 'h',
  kGet4 = 'j',
  kPut1 = 'q',
  kPut4 = 'r',
  kMemoize = 0x94,
  kName = 'c',
  kStackName = 0x93,
  kCall = 'R',
  kBuild = 'b',
  kPersistent = 'Q',
  kProtocol = 0x80,
  kFrame = 0x95,
};

/// Runs the instructions, into `values`.
class PickleReader {
 public:
  PickleReader(std::string_view bytes, std::deque<PickledValue>& values) : bytes_(bytes), values_(values) {}

  PickledReference read() {
    for (;;) {
      const auto instruction = static_cast<uint8_t>(take(1)[0]);
      if (instruction == kStop) return pop();
      run(instruction);
    }
  }

  size_t size() const { return place_; }

 private:
  std::string_view take(uint64_t length) {
    if (length > bytes_.size() - place_) fail("cut short: {} bytes wanted at {}", length, place_);
    const auto taken = bytes_.substr(place_, static_cast<size_t>(length));
    place_ += static_cast<size_t>(length);
    return taken;
  }

  uint64_t number(size_t length) {
    const auto bytes = take(length);
    uint64_t value = 0;
    for (size_t i = length; i-- > 0;) value = value << 8 | static_cast<uint8_t>(bytes[i]);
    return value;
  }

  std::string_view line() {
    const auto end = bytes_.find('\n', place_);
    if (end == std::string_view::npos || end - place_ > kMostNameBytes) fail("damaged: a name without an end");
    const auto text = take(end - place_);
    take(1);
    return text;
  }

  /// Before that many values are made: what a short stream copies again and again must not fill the memory.
  void count(size_t values) {
    if (values > kMostValues - counted_) fail("holds more than {} values", kMostValues);
    counted_ += values;
  }

  template <class T>
  void push(T&& value) {
    count(1);
    stack_.push_back(&values_.emplace_back(PickledValue{std::forward<T>(value)}));
  }

  PickledValue* pop() {
    if (stack_.empty() || (!marks_.empty() && marks_.back() == stack_.size())) fail("damaged: nothing is left to take");
    auto* value = stack_.back();
    stack_.pop_back();
    return value;
  }

  PickledValue* top() {
    auto* value = pop();
    stack_.push_back(value);
    return value;
  }

  /// What was pushed since the last mark, which goes.
  PickledList pop_to_mark() {
    if (marks_.empty()) fail("damaged: a mark is missing");
    PickledList items(stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back()), stack_.end());
    stack_.resize(marks_.back());
    marks_.pop_back();
    return items;
  }

  void push_last(size_t count) {
    PickledList items(count);
    for (size_t i = count; i-- > 0;) items[i] = pop();
    push(std::move(items));
  }

  /// A whole number of `length` bytes, two's complement; those beyond 64 bits become the nearest that fits.
  void push_long(uint64_t length) {
    const auto bytes = take(length);
    const bool negative = length > 0 && (static_cast<uint8_t>(bytes.back()) & 0x80) != 0;
    uint64_t value = negative ? ~uint64_t{0} : 0;
    for (size_t i = std::min<size_t>(bytes.size(), 8); i-- > 0;) {
      value = value << 8 | static_cast<uint8_t>(bytes[i]);
    }
    if (length > 8) {
      push(negative ? std::numeric_limits<int64_t>::min() : std::numeric_limits<int64_t>::max());
    } else {
      push(static_cast<int64_t>(value));
    }
  }

  template <class T>
  T& expect(PickledValue* value, const char* what) {
    auto* found = std::get_if<T>(&value->value);
    if (!found) fail("damaged: {} is expected", what);
    return *found;
  }

  template <class T>
  const T& expect(const PickledList& arguments, size_t index, const char* what) {
    const auto* found = index < arguments.size() ? pickled<T>(arguments[index]) : nullptr;
    if (!found) fail("damaged: {} is expected", what);
    return *found;
  }

  void push_name(std::string_view module, std::string_view name) {
    PickledName found{std::string(module), std::string(name)};
    if (!is_understood(found)) {
      fail("wants to make a {}, which is not read: dictionaries of tensors, numbers and texts are",
           for_message(found.module + "." + found.name));
    }
    push(std::move(found));
  }

  void set_items(const PickledList& items) {
    auto& dictionary = expect<PickledDictionary>(top(), "a dictionary");
    if (items.size() % 2 != 0) fail("damaged: a key without a value");
    for (size_t i = 0; i < items.size(); i += 2) dictionary.emplace_back(items[i], items[i + 1]);
  }

  void remember(uint64_t index) {
    if (index > kMostValues) fail("damaged: value {} is remembered", index);
    memory_[index] = top();
  }

  void recall(uint64_t index) {
    const auto found = memory_.find(index);
    if (found == memory_.end()) fail("damaged: value {} is not remembered", index);
    stack_.push_back(found->second);
  }

  std::vector<int64_t> whole_numbers(const PickledList& list) {
    count(list.size());
    std::vector<int64_t> numbers;
    for (size_t i = 0; i < list.size(); ++i) numbers.push_back(expect<int64_t>(list, i, "a whole number"));
    return numbers;
  }

  void call() {
    const auto* arguments_value = pop();
    const auto* arguments = pickled<PickledList>(arguments_value);
    const auto name = expect<PickledName>(pop(), "a name to call");
    if (!arguments) fail("damaged: arguments are expected");
    if (makes_dictionary(name)) return push(dictionary_of(*arguments));
    if (is_name(name, "torch", "Size")) {
      const auto& sizes = expect<PickledList>(*arguments, 0, "a list of sizes");
      count(sizes.size());
      return push(sizes);
    }
    if (is_name(name, "torch._utils", "_rebuild_parameter")) {
      const auto& tensor = expect<PickledTensor>(*arguments, 0, "a tensor");
      count(tensor.sizes.size() + tensor.strides.size());
      return push(tensor);
    }
    if (!name.module.starts_with("torch._utils")) fail("damaged: a call of {}.{}", name.module, name.name);
    push(PickledTensor{expect<PickledStorage>(*arguments, 0, "a storage"), expect<int64_t>(*arguments, 1, "an offset"),
                       whole_numbers(expect<PickledList>(*arguments, 2, "a list of sizes")),
                       whole_numbers(expect<PickledList>(*arguments, 3, "a list of strides"))});
  }

  /// Of nothing, or of a list of pairs, as PyTorch wrote it for Python 2.
  PickledDictionary dictionary_of(const PickledList& arguments) {
    PickledDictionary dictionary;
    if (arguments.empty()) return dictionary;
    const auto& pairs = expect<PickledList>(arguments, 0, "a list of pairs");
    count(pairs.size());
    for (size_t i = 0; i < pairs.size(); ++i) {
      const auto& pair = expect<PickledList>(pairs, i, "a pair");
      if (pair.size() != 2) fail("damaged: a pair is expected");
      dictionary.emplace_back(pair[0], pair[1]);
    }
    return dictionary;
  }

  /// ('storage', type, key, device, numbers), and before PyTorch 1.6 None or (key, offset, numbers) of a view.
  void load_persistent() {
    const auto* value = pop();
    const auto* identity = pickled<PickledList>(value);
    if (!identity) fail("damaged: a storage is expected");
    if (const auto& kind = expect<std::string>(*identity, 0, "a kind"); kind != "storage") {
      fail("holds a \"{}\", which is not read", for_message(kind));
    }
    const auto& type = expect<PickledName>(*identity, 1, "the type of a storage");
    const auto dtype = storage_dtype(type);
    if (!dtype) fail("holds a {}.{}, which is no storage that is read", type.module, type.name);
    const auto& key = expect<std::string>(*identity, 2, "a key");
    if (key.size() > kMostNameBytes) fail("damaged: a storage's key of {} bytes", key.size());
    PickledStorage storage{
        .key = key, .dtype = *dtype, .numbers = expect<int64_t>(*identity, 4, "a number of numbers")};
    if (identity->size() > 5) {
      if (const auto* view = pickled<PickledList>((*identity)[5]))
        storage.offset = expect<int64_t>(*view, 1, "an offset");
    }
    push(std::move(storage));
  }

  /// Sets attributes: of a dictionary they say nothing about weights ("_metadata").
  void build() {
    pop();
    expect<PickledDictionary>(top(), "a dictionary");
  }

  void run(uint8_t instruction) {
    switch (instruction) {
      case kProtocol: take(1); break;
      case kFrame: take(8); break;
      case kMark: marks_.push_back(stack_.size()); break;
      case kPop: pop(); break;
      case kPopMark: pop_to_mark(); break;
      case kDuplicate: stack_.push_back(top()); break;
      case kNone: push(std::monostate()); break;
      case kTrue: push(true); break;
      case kFalse: push(false); break;
      case kInt4: push(int64_t{static_cast<int32_t>(number(4))}); break;
      case kInt1: push(static_cast<int64_t>(number(1))); break;
      case kInt2: push(static_cast<int64_t>(number(2))); break;
      case kLong1: push_long(number(1)); break;
      case kLong4: push_long(number(4)); break;
      case kDouble: push_double(); break;
      case kText1:
      case kBytes1:
      case kString1: push(std::string(take(number(1)))); break;
      case kText4:
      case kBytes4:
      case kString4: push(std::string(take(number(4)))); break;
      case kText8:
      case kBytes8: push(std::string(take(number(8)))); break;
      case kGet1: recall(number(1)); break;
      case kGet4: recall(number(4)); break;
      case kPut1: remember(number(1)); break;
      case kPut4: remember(number(4)); break;
      case kMemoize: remember(memory_.size()); break;
      default: run_container(instruction);
    }
  }

  void run_container(uint8_t instruction) {
    switch (instruction) {
      case kEmptyTuple:
      case kEmptyList: push(PickledList()); break;
      case kTuple1: push_last(1); break;
      case kTuple2: push_last(2); break;
      case kTuple3: push_last(3); break;
      case kTuple:
      case kList: push(pop_to_mark()); break;
      case kAppend: append({pop()}); break;
      case kAppends: append(pop_to_mark()); break;
      case kEmptyDictionary: push(PickledDictionary()); break;
      case kDictionary: {
        const auto items = pop_to_mark();
        push(PickledDictionary());
        set_items(items);
        break;
      }
      case kSetItem: {
        auto *value = pop(), *key = pop();
        set_items({key, value});
        break;
      }
      case kSetItems: set_items(pop_to_mark()); break;
      case kName: {
        const auto module = line();
        push_name(module, line());
        break;
      }
      case kStackName: {
        const auto name = expect<std::string>(pop(), "a name");
        push_name(expect<std::string>(pop(), "a module"), name);
        break;
      }
      case kCall: call(); break;
      case kBuild: build(); break;
      case kPersistent: load_persistent(); break;
      default: fail("holds the pickle instruction 0x{:02x} at {}, which weights do not need", instruction, place_ - 1);
    }
  }

  void append(const PickledList& items) {
    auto& list = expect<PickledList>(top(), "a list");
    list.insert(list.end(), items.begin(), items.end());
  }

  void push_double() {
    const auto bytes = take(8);
    uint64_t bits = 0;
    for (const char byte : bytes) bits = bits << 8 | static_cast<uint8_t>(byte);
    push(std::bit_cast<double>(bits));
  }

  std::string_view bytes_;
  std::deque<PickledValue>& values_;
  size_t place_ = 0, counted_ = 0;
  std::vector<PickledValue*> stack_;
  std::vector<size_t> marks_;
  std::unordered_map<uint64_t, PickledValue*> memory_;
};

}  // namespace

Pickle::Pickle(std::string_view bytes) {
  PickleReader reader(bytes, values_);
  value_ = reader.read();
  size_ = reader.size();
}

void Pickle::for_each_storage(const std::function<void(const PickledStorage& storage)>& visit) const {
  for (const auto& value : values_) {
    if (const auto* storage = pickled<PickledStorage>(&value)) visit(*storage);
  }
}

PickledReference find_pickled(const PickledDictionary& dictionary, std::string_view key) {
  for (const auto& [name, value] : dictionary) {
    const auto* text = pickled<std::string>(name);
    if (text && *text == key) return value;
  }
  return nullptr;
}

}  // namespace forger
