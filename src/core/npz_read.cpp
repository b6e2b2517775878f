#include <ATen/ATen.h>
#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "core/fail.h"
#include "core/files.h"
#include "core/npz.h"
#include "core/utf8.h"
#include "core/zip.h"

namespace forger {
namespace {

using namespace std::string_view_literals;

/// Arrays beyond this are refused by their header, before memory is taken for them.
constexpr int64_t kMostBytes = int64_t{16} << 30;
constexpr size_t kMostHeaderBytes = 64 << 10;
constexpr size_t kMostDimensions = 8;

struct FreeReader {
  void operator()(archive* reader) const { archive_read_free(reader); }
};

std::string_view without_spaces(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  return text;
}

/// What follows `'key':` in the literal of an .npy header.
std::string_view value_of(std::string_view header, std::string_view key, const std::string& where) {
  const auto place = header.find(fmt::format("'{}'", key));
  if (place == std::string_view::npos) fail("{}: its header has no '{}'", where, key);
  auto rest = without_spaces(header.substr(place + key.size() + 2));
  if (!rest.starts_with(':')) fail("{}: its header is damaged after '{}'", where, key);
  return without_spaces(rest.substr(1));
}

at::ScalarType type_of(std::string_view header, const std::string& where) {
  const auto value = value_of(header, "descr", where);
  const auto is = [&](std::string_view type) { return value.starts_with(fmt::format("'{}'", type)); };
  if (is("|u1") || is("|b1")) return at::kByte;
  if (is("<i8")) return at::kLong;
  if (is("<f4")) return at::kFloat;
  if (is("<f8")) return at::kDouble;
  fail("{}: received dtype {}, accepted: uint8, bool, int64, float32, float64 (little-endian)", where,
       for_message(value.substr(0, value.find(','))));
}

std::vector<int64_t> shape_of(std::string_view header, const std::string& where) {
  auto value = value_of(header, "shape", where);
  const auto end = value.find(')');
  if (!value.starts_with('(') || end == std::string_view::npos) fail("{}: its header has a damaged shape", where);
  value = value.substr(1, end - 1);
  std::vector<int64_t> shape;
  for (value = without_spaces(value); !value.empty(); value = without_spaces(value)) {
    int64_t size = 0;
    const auto [next, error] = std::from_chars(value.data(), value.data() + value.size(), size);
    value = without_spaces(value.substr(static_cast<size_t>(next - value.data())));
    if (error != std::errc() || size < 0 || shape.size() == kMostDimensions ||
        !(value.empty() || value.front() == ',')) {
      fail("{}: its header has a damaged shape", where);
    }
    shape.push_back(size);
    if (!value.empty()) value.remove_prefix(1);
  }
  return shape;
}

/// Bytes read into `to`, at most `length`; 0 at the end.
using ReadSome = std::function<size_t(void* to, size_t length)>;

class ArrayReader {
 public:
  ArrayReader(ReadSome read_some, std::string where) : read_some_(std::move(read_some)), where_(std::move(where)) {}

  at::Tensor read() {
    const std::string start = text(8);
    if (!std::string_view(start).starts_with("\x93NUMPY"sv)) fail("{}: is no NumPy array", where_);
    const auto version = static_cast<uint8_t>(start[6]);
    if (version < 1 || version > 3) fail("{}: received .npy version {}, accepted: 1 to 3", where_, version);
    const std::string length_bytes = text(version == 1 ? 2 : 4);
    size_t length = 0;
    for (size_t i = 0; i < length_bytes.size(); ++i) length |= size_t{static_cast<uint8_t>(length_bytes[i])} << (8 * i);
    if (length > kMostHeaderBytes)
      fail("{}: received a header of {} bytes, accepted: up to {}", where_, length, kMostHeaderBytes);
    const std::string header = text(length);
    const auto type = type_of(header, where_);
    const auto shape = shape_of(header, where_);
    if (!value_of(header, "fortran_order", where_).starts_with("False")) {
      fail("{}: received Fortran order, accepted: C order (numpy.ascontiguousarray)", where_);
    }
    auto bytes = static_cast<int64_t>(at::elementSize(type));
    for (const int64_t size : shape) {
      if (size > 0 && bytes > kMostBytes / size) fail("{}: received an array above {} GiB", where_, kMostBytes >> 30);
      bytes *= size;
    }
    return numbers(shape, type, bytes);
  }

 private:
  /// Memory grows with what is really there, whatever the header promises.
  at::Tensor numbers(const std::vector<int64_t>& shape, at::ScalarType type, int64_t bytes) {
    constexpr int64_t kStep = int64_t{64} << 20;
    at::Tensor memory = at::empty({std::min(bytes, kStep)}, at::kByte);
    for (int64_t have = 0; have < bytes; have = memory.numel()) {
      if (have == 0) {
        fill(memory.mutable_data_ptr(), static_cast<size_t>(memory.numel()));
        continue;
      }
      auto more = at::empty({std::min(bytes, 2 * have)}, at::kByte);
      std::memcpy(more.mutable_data_ptr(), memory.const_data_ptr(), static_cast<size_t>(have));
      fill(static_cast<char*>(more.mutable_data_ptr()) + have, static_cast<size_t>(more.numel() - have));
      memory = std::move(more);
    }
    char surplus = 0;
    if (read_some_(&surplus, 1) != 0) fail("{}: holds more numbers than its shape says", where_);
    return memory.view(type).view(shape);
  }

  std::string text(size_t length) {
    std::string result(length, '\0');
    fill(result.data(), length);
    return result;
  }

  void fill(void* to, size_t length) {
    auto* next = static_cast<char*>(to);
    while (length > 0) {
      const auto got = read_some_(next, length);
      if (got == 0) fail("{}: ends before its last number", where_);
      next += got;
      length -= got;
    }
  }

  ReadSome read_some_;
  std::string where_;
};

/// Reads from an archive's present member.
ReadSome member_reader(archive* reader, const std::string& where) {
  return [reader, where](void* to, size_t length) {
    const auto got = archive_read_data(reader, to, length);
    if (got < 0) {
      const char* reason = archive_error_string(reader);
      fail("{}: cannot be read: {}", where, for_message(reason ? reason : "unknown error"));
    }
    return static_cast<size_t>(got);
  };
}

/// The library that reads archives would take one without its end for a stream, and what is left for all.
void check_whole(std::string_view bytes, const std::string& name) {
  std::string incomplete;
  try {
    incomplete = list_zip(zip_bytes(bytes)).incomplete;
  } catch (const Error& error) {
    incomplete = error.what();
  }
  if (!incomplete.empty()) fail("{}: is no whole .npz archive: {}", name, incomplete);
}

}  // namespace

at::Tensor parse_npy(std::string_view bytes, const std::string& name) {
  const auto read_some = [&bytes](void* to, size_t length) {
    const size_t got = bytes.copy(static_cast<char*>(to), length);
    bytes.remove_prefix(got);
    return got;
  };
  return ArrayReader(read_some, name).read();
}

at::Tensor read_npy(const std::filesystem::path& path) { return parse_npy(read_file(path), path.string()); }

std::map<std::string, at::Tensor> parse_npz(std::string_view bytes, const std::string& name) {
  check_whole(bytes, name);
  const std::unique_ptr<archive, FreeReader> reader(archive_read_new());
  archive_read_support_format_zip(reader.get());
  const auto reason = [&] {
    const char* text = archive_error_string(reader.get());
    return for_message(text ? text : "unknown error");
  };
  if (archive_read_open_memory(reader.get(), bytes.data(), bytes.size()) != ARCHIVE_OK) {
    fail("{}: is no .npz archive: {}", name, reason());
  }
  std::map<std::string, at::Tensor> arrays;
  for (archive_entry* entry = nullptr;;) {
    const int result = archive_read_next_header(reader.get(), &entry);
    if (result == ARCHIVE_EOF) break;
    if (result != ARCHIVE_OK) fail("{}: is no .npz archive: {}", name, reason());
    const char* path = archive_entry_pathname(entry);
    std::string array = path ? path : "";
    if (!array.ends_with(".npy")) fail("{}: received member \"{}\", accepted: .npy arrays", name, for_message(array));
    array.resize(array.size() - 4);
    const auto where = fmt::format("{}, array \"{}\"", name, for_message(array));
    arrays[array] = ArrayReader(member_reader(reader.get(), where), where).read();
  }
  if (arrays.empty()) fail("{}: holds no array", name);
  return arrays;
}

std::map<std::string, at::Tensor> read_npz(const std::filesystem::path& path) {
  return parse_npz(read_file(path), path.string());
}

}  // namespace forger
