#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "support/zip_file.h"

namespace forger {

/// Pickles byte by byte, by the description of their instructions (Python's Lib/pickletools.py), and PyTorch's files
/// around them.
namespace pickle_bytes {

using zip_parts::number;

inline std::string text(const std::string& value) { return "X" + number(value.size(), 4) + value; }
inline std::string name(const std::string& module, const std::string& of) { return "c" + module + "\n" + of + "\n"; }
inline std::string whole(int64_t value) { return "J" + number(static_cast<uint64_t>(value), 4); }

inline std::string tuple(const std::vector<int64_t>& values) {
  std::string bytes = "(";
  for (const int64_t value : values) bytes += whole(value);
  return bytes + "t";
}

/// ('storage', torch.TYPE, key, 'cpu', numbers), given as a persistent identity.
inline std::string storage(const std::string& type, const std::string& key, int64_t numbers,
                           const std::string& view = "") {
  return "(" + text("storage") + name("torch", type) + text(key) + text("cpu") + whole(numbers) + view + "tQ";
}

inline std::string tensor(const std::string& storage, int64_t offset, const std::vector<int64_t>& sizes,
                          const std::vector<int64_t>& strides) {
  return name("torch._utils", "_rebuild_tensor_v2") + "(" + storage + whole(offset) + tuple(sizes) + tuple(strides) +
         "\x89" + name("collections", "OrderedDict") + ")Rt" + "R";
}

/// A dictionary of what `items` push: name, value, name, value …
inline std::string dictionary(const std::vector<std::string>& items) {
  std::string bytes = "}(";
  for (const auto& item : items) bytes += item;
  return bytes + "u";
}

inline std::string pickle(const std::string& value) { return "\x80\x02" + value + "."; }

template <class Number>
std::string raw(const std::vector<Number>& numbers) {
  std::string bytes(numbers.size() * sizeof(Number), '\0');
  std::memcpy(bytes.data(), numbers.data(), bytes.size());
  return bytes;
}

/// A file as torch.save writes it, with storages by key.
inline std::string torch_zip(const std::string& value,
                             const std::vector<std::pair<std::string, std::string>>& storages) {
  std::vector<ZipEntry> entries = {{"archive/data.pkl", pickle(value)}};
  for (const auto& [key, content] : storages) entries.push_back({"archive/data/" + key, content});
  return zip_file(entries);
}

/// The same as it was before PyTorch 1.6. `storages`: key, how many numbers, their bytes.
struct OldStorage {
  std::string key;
  uint64_t numbers;
  std::string bytes;
};
inline std::string torch_old(const std::string& value, const std::vector<OldStorage>& storages) {
  using namespace std::string_literals;
  std::string keys = "](", behind;
  for (const auto& storage : storages) {
    keys += text(storage.key);
    behind += number(storage.numbers, 8) + storage.bytes;
  }
  return pickle("\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19"s) + pickle("M" + number(1001, 2)) +
         pickle(dictionary({text("little_endian"), "\x88"})) + pickle(value) + pickle(keys + "e") + behind;
}

}  // namespace pickle_bytes
}  // namespace forger
