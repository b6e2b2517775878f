#include "model/torch_file.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <deque>
#include <fstream>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "core/crc32c.h"
#include "core/fail.h"
#include "core/files.h"
#include "core/text.h"
#include "core/utf8.h"
#include "core/zip.h"
#include "model/pickle.h"
#include "model/safetensors.h"

namespace forger {
namespace {

using namespace std::string_view_literals;

constexpr uintmax_t kMostFileBytes = uintmax_t{4} << 30;
constexpr int64_t kMostPickleBytes = int64_t{64} << 20;
/// All weights together, in float32.
constexpr int64_t kMostWeights = int64_t{1} << 30;
constexpr size_t kMostViewDimensions = 8;
/// Dictionaries in dictionaries are looked into as deep as this.
constexpr int kMostWrappers = 4;
/// Names in one message.
constexpr size_t kMostNamed = 8;

/// Where weights lie in what training programs save, the better first.
constexpr const char* kWrappers[] = {"params_ema", "params-ema", "state_dict_ema",   "model_ema", "ema",
                                     "params",     "state_dict", "model_state_dict", "model",     "net_g",
                                     "netG",       "g",          "generator",        "net",       "weights"};

/// The bytes of a storage, by its key.
using StorageBytes = std::function<std::string_view(const PickledStorage& storage)>;

int64_t product_of(const std::vector<int64_t>& sizes, int64_t most) {
  int64_t product = 1;
  for (const int64_t size : sizes) {
    if (size < 0 || (size > 0 && product > most / size)) return -1;
    product *= size;
  }
  return product;
}

/// The last number that a tensor looks at, from its offset; -1 where that is beyond all bounds.
int64_t reach_of(const PickledTensor& tensor, int64_t numbers) {
  int64_t last = 0;
  for (size_t i = 0; i < tensor.sizes.size(); ++i) {
    const int64_t steps = tensor.sizes[i] - 1, stride = tensor.strides[i];
    if (stride < 0 || (stride > 0 && steps > numbers / stride)) return -1;
    last += steps * stride;
    if (last >= numbers) return -1;
  }
  return last;
}

/// Throws Error with the bare reason unless the tensor is a view of numbers that are there.
void check_view(const PickledTensor& tensor) {
  const auto& [storage, offset, sizes, strides] = tensor;
  if (storage.numbers < 0 || storage.offset < 0 || offset < 0) fail("lies before the beginning of its numbers");
  if (sizes.size() != strides.size() || sizes.size() > kMostViewDimensions) {
    fail("has {} sizes and {} strides, accepted: at most {}", sizes.size(), strides.size(), kMostViewDimensions);
  }
  const int64_t count = product_of(sizes, storage.numbers);
  if (count < 0) fail("is larger than the {} numbers that it is made of", storage.numbers);
  if (count == 0) return;
  const int64_t last = reach_of(tensor, storage.numbers);
  const int64_t most = storage.numbers - 1;
  if (last < 0 || offset > most || storage.offset > most - offset || last > most - offset - storage.offset) {
    fail("reaches beyond the {} numbers that it is made of", storage.numbers);
  }
}

at::Tensor materialized(const PickledTensor& tensor, const StorageBytes& bytes_of) {
  check_view(tensor);
  const auto& storage = tensor.storage;
  const auto bytes = bytes_of(storage);
  const auto size = static_cast<int64_t>(c10::elementSize(storage.dtype));
  if (static_cast<int64_t>(bytes.size()) / size < storage.numbers) {
    fail("is made of {} numbers, the file holds {}", storage.numbers, static_cast<int64_t>(bytes.size()) / size);
  }
  if (product_of(tensor.sizes, storage.numbers) == 0) return at::empty(tensor.sizes);
  // Only what it looks at: many tensors may share one storage.
  const int64_t begin = tensor.offset + storage.offset, length = reach_of(tensor, storage.numbers) + 1;
  auto numbers = at::empty({length}, storage.dtype == at::kBool ? at::kByte : storage.dtype);
  std::memcpy(numbers.mutable_data_ptr(), bytes.data() + begin * size, static_cast<size_t>(length * size));
  return at::as_strided(numbers, tensor.sizes, tensor.strides).to(at::kFloat).contiguous();
}

/// Names for a message, not more than a reader takes in.
std::string some_names(std::vector<std::string> names) {
  const size_t all = names.size();
  if (all > kMostNamed) names.resize(kMostNamed);
  for (auto& name : names) name = for_message(name);
  return join(names) + (all > kMostNamed ? fmt::format(", and {} more", all - kMostNamed) : "");
}

bool holds_tensors(const PickledDictionary& dictionary) {
  return std::any_of(dictionary.begin(), dictionary.end(),
                     [](const auto& item) { return pickled<PickledTensor>(item.second) != nullptr; });
}

/// The dictionary with the weights, and in `wrapper` the keys that lead to it.
const PickledDictionary& find_weights(const PickledDictionary& whole, std::string& wrapper) {
  const auto* dictionary = &whole;
  for (int level = 0; level < kMostWrappers && !holds_tensors(*dictionary); ++level) {
    const PickledDictionary* inner = nullptr;
    std::string key;
    for (const char* known : kWrappers) {
      inner = pickled<PickledDictionary>(find_pickled(*dictionary, known));
      if (inner) key = known;
      if (inner) break;
    }
    if (!inner && dictionary->size() == 1) {
      inner = pickled<PickledDictionary>(dictionary->front().second);
      const auto* name = pickled<std::string>(dictionary->front().first);
      if (name) key = *name;
    }
    if (!inner) break;
    wrapper += (wrapper.empty() ? "" : ".") + key;
    dictionary = inner;
  }
  if (holds_tensors(*dictionary)) return *dictionary;
  std::vector<std::string> keys;
  for (const auto& [key, value] : *dictionary) {
    if (const auto* text = pickled<std::string>(key)) keys.push_back(*text);
  }
  fail("holds no dictionary of tensors where weights are looked for; it holds: {}",
       keys.empty() ? "nothing that has a name" : some_names(keys));
}

void take_weights(const Pickle& pickle, const StorageBytes& bytes_of, ForeignWeights& weights) {
  const auto* whole = pickled<PickledDictionary>(pickle.value());
  if (!whole) fail("holds no dictionary, accepted: a dictionary of weights (a state_dict)");
  int64_t count = 0;
  for (const auto& [key, value] : find_weights(*whole, weights.wrapper)) {
    const auto* name = pickled<std::string>(key);
    const auto* tensor = pickled<PickledTensor>(value);
    if (!name || !tensor) continue;
    try {
      const int64_t numbers = product_of(tensor->sizes, kMostWeights - count);
      if (numbers < 0) fail("is one too much, accepted: {} weights in all", kMostWeights);
      count += numbers;
      weights.tensors.insert_or_assign(*name, materialized(*tensor, bytes_of));
    } catch (const Error& error) {
      fail("the tensor {} {}", for_message(*name), error.what());
    }
  }
}

/// A zip archive: "NAME/data.pkl", and each storage as "NAME/data/KEY".
ForeignWeights read_zip_format(std::string_view bytes) {
  const auto zip = zip_bytes(bytes);
  const auto listing = list_zip(zip);
  std::map<std::string, const ZipMember*> members;
  std::string folder;
  for (const auto& member : listing.members) {
    members.emplace(member.name, &member);
    if (member.name.ends_with("/data.pkl")) folder = member.name.substr(0, member.name.size() - 8);
  }
  if (folder.empty()) fail("is a zip archive without a data.pkl, accepted: what torch.save writes");
  if (members.contains(folder + "constants.pkl")) {
    fail("holds a program (TorchScript), accepted: a dictionary of weights (a state_dict)");
  }
  const auto part = [&](const std::string& name) -> const ZipMember& {
    const auto found = members.find(folder + name);
    if (found == members.end()) fail("lacks its part {}", for_message(name));
    return *found->second;
  };
  const auto content = [&](const std::string& name) { return read_zip_member(zip, part(name)); };
  if (members.contains(folder + "byteorder") && content("byteorder") != "little") {
    fail("has its numbers in big-endian order, accepted: little-endian");
  }
  if (members.at(folder + "data.pkl")->bytes > kMostPickleBytes)
    fail("has a data.pkl beyond {} bytes", kMostPickleBytes);
  const std::string text = content("data.pkl");
  std::map<std::string, std::string_view> storages;
  // PyTorch packs nothing; other programs may have.
  std::deque<std::string> unpacked;
  size_t read = 0;
  ForeignWeights weights;
  weights.format = "PyTorch";
  take_weights(
      Pickle(text),
      [&](const PickledStorage& storage) -> std::string_view {
        auto found = storages.find(storage.key);
        if (found == storages.end()) {
          const auto& member = part("data/" + storage.key);
          const auto as_it_lies = view_zip_member(bytes, member);
          const std::string_view numbers =
              as_it_lies ? *as_it_lies : unpacked.emplace_back(read_zip_member(zip, member));
          found = storages.emplace(storage.key, numbers).first;
          read += numbers.size();
          if (read > bytes.size()) fail("lies where other numbers lie, too: its parts are larger than the file");
        }
        return found->second;
      },
      weights);
  return weights;
}

/// The storages that a pickle speaks of, by key.
std::map<std::string, PickledStorage> storages_of(const Pickle& pickle) {
  std::map<std::string, PickledStorage> storages;
  pickle.for_each_storage([&](const PickledStorage& storage) { storages.emplace(storage.key, storage); });
  return storages;
}

/// Pickles one after the other (a magic number, a version, the machine, the object, the storages' keys), and then each
/// storage: how many numbers, and the numbers.
ForeignWeights read_old_format(std::string_view bytes) {
  const auto next = [&] {
    Pickle pickle(bytes.substr(0, kMostPickleBytes));
    bytes.remove_prefix(pickle.size());
    return pickle;
  };
  // The magic number itself has more than 64 bits: whoever calls has compared its bytes.
  next();
  const auto version = next();
  const auto* number = pickled<int64_t>(version.value());
  if (!number || *number != 1001) fail("has a version of PyTorch's old format that is not known, accepted: 1001");
  next();
  const auto object = next();
  const auto keys_pickle = next();
  const auto* keys = pickled<PickledList>(keys_pickle.value());
  if (!keys) fail("damaged: a list of storages is expected");
  const auto storages = storages_of(object);
  std::map<std::string, std::string_view> contents;
  for (const auto* key : *keys) {
    const auto* text = pickled<std::string>(key);
    const auto storage = text ? storages.find(*text) : storages.end();
    if (storage == storages.end()) fail("damaged: numbers that nothing was said of");
    if (bytes.size() < 8) fail("cut short: the numbers of its tensors are missing");
    uint64_t numbers = 0;
    std::memcpy(&numbers, bytes.data(), 8);
    bytes.remove_prefix(8);
    const uint64_t size = c10::elementSize(storage->second.dtype);
    if (numbers > bytes.size() / size) {
      fail("cut short: {} numbers are announced, {} bytes are left", numbers, bytes.size());
    }
    contents[*text] = bytes.substr(0, numbers * size);
    bytes.remove_prefix(numbers * size);
  }
  ForeignWeights weights;
  weights.format = "PyTorch before 1.6";
  take_weights(
      object,
      [&](const PickledStorage& storage) {
        const auto found = contents.find(storage.key);
        if (found == contents.end()) fail("is made of numbers that are missing");
        return found->second;
      },
      weights);
  return weights;
}

constexpr std::string_view kZipBeginning = "PK\3\4";
/// Protocol 2 and a long number, 0x1950a86a20f9469cfc6c.
constexpr std::string_view kOldBeginning = "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19."sv;

constexpr size_t kBeginningBytes = 9;

/// A pickle begins with 0x80 and its protocol, 2 to 5. So may the length in front of a `.safetensors` file's header,
/// whose upper bytes are 0 and which a brace follows.
bool begins_as_torch(std::string_view bytes) {
  if (bytes.starts_with(kZipBeginning)) return true;
  if (bytes.size() < kBeginningBytes || bytes[0] != '\x80' || bytes[1] < 2 || bytes[1] > 5) return false;
  return bytes.substr(4, 5) != "\0\0\0\0{"sv;
}

}  // namespace

bool is_torch_file(const std::filesystem::path& path) {
  std::array<char, kBeginningBytes> beginning{};
  std::ifstream(path, std::ios::binary).read(beginning.data(), beginning.size());
  return begins_as_torch({beginning.data(), beginning.size()});
}

ForeignWeights parse_torch_file(std::string_view bytes, const std::string& name) {
  try {
    if (bytes.starts_with(kZipBeginning)) return read_zip_format(bytes);
    if (bytes.starts_with(kOldBeginning)) return read_old_format(bytes);
    fail("does not begin as a file of PyTorch does, accepted: .pth, .pt, .safetensors");
  } catch (const Error& error) {
    fail("{}: {}", name, error.what());
  }
}

ForeignWeights read_foreign_weights(const std::filesystem::path& path) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  if (!error && size > kMostFileBytes) {
    fail("{}: received {}, accepted: weights of at most {}", path.string(), format_bytes(static_cast<double>(size)),
         format_bytes(static_cast<double>(kMostFileBytes)));
  }
  const std::string bytes = read_file(path);
  ForeignWeights weights;
  if (begins_as_torch(bytes)) {
    weights = parse_torch_file(bytes, path.string());
  } else {
    weights.format = "safetensors";
    for (auto& [name, tensor] : parse_safetensors(bytes, path.string()).tensors) {
      weights.tensors.emplace(name, tensor.to(at::kFloat));
    }
  }
  weights.checksum = crc32c(bytes);
  return weights;
}

}  // namespace forger
