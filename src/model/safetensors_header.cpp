#include "model/safetensors_header.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <tuple>

#include "core/fail.h"
#include "core/utf8.h"

namespace forger {
namespace {

using Json = nlohmann::json;

constexpr char kMetadata[] = "__metadata__";
/// What LibTorch's kernels can iterate over.
constexpr size_t kMostDimensions = 64;

struct Dtype {
  const char* name;
  at::ScalarType type;
};

constexpr std::array kDtypes = {
    Dtype{"F64", at::kDouble}, Dtype{"F32", at::kFloat}, Dtype{"F16", at::kHalf},  Dtype{"BF16", at::kBFloat16},
    Dtype{"I64", at::kLong},   Dtype{"I32", at::kInt},   Dtype{"I16", at::kShort}, Dtype{"I8", at::kChar},
    Dtype{"U8", at::kByte},    Dtype{"BOOL", at::kBool},
};

/// Parses with two checks that JSON libraries leave out: a key may stand once only, and nesting ends where
/// the format's does, so that no header can exhaust the stack.
Json parse_strictly(std::string_view text, const std::string& file) {
  std::vector<std::set<std::string>> keys;
  const auto watch = [&](int depth, Json::parse_event_t event, Json& parsed) {
    const bool opens = event == Json::parse_event_t::object_start || event == Json::parse_event_t::array_start;
    if (opens && depth > 2) fail("{}: header: received JSON of more than three levels", file);
    if (event == Json::parse_event_t::object_start) keys.emplace_back();
    if (event == Json::parse_event_t::object_end) keys.pop_back();
    if (event == Json::parse_event_t::key && !keys.back().insert(parsed.get<std::string>()).second) {
      fail("{}: header: \"{}\" stands twice", file, for_message(parsed.get<std::string>()));
    }
    return true;
  };
  try {
    return Json::parse(text.begin(), text.end(), watch);
  } catch (const Json::exception& error) {
    fail("{}: header: not JSON: {}", file, for_message(error.what()));
  }
}

/// The member `key` of a tensor's entry.
const Json& member(const Json& entry, const char* key, const std::string& where) {
  const auto found = entry.find(key);
  if (found == entry.end()) fail("{}: {} is missing", where, key);
  return *found;
}

std::vector<int64_t> whole_numbers(const Json& json, const char* key, const std::string& where) {
  const auto is_size = [](const Json& number) {
    return number.is_number_unsigned() &&
           number.get<uint64_t>() <= static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
  };
  if (!json.is_array() || !std::all_of(json.begin(), json.end(), is_size)) {
    fail("{}: {}: received {}, accepted: a list of whole numbers from 0", where, key, for_message(json.dump()));
  }
  return json.get<std::vector<int64_t>>();
}

at::ScalarType dtype_named(const Json& json, const std::string& where) {
  for (const auto& known : kDtypes) {
    if (json == known.name) return known.type;
  }
  fail("{}: dtype: received {}, accepted: F64, F32, F16, BF16, I64, I32, I16, I8, U8, BOOL", where,
       for_message(json.dump()));
}

/// Bytes of a tensor of this shape. Sizes of 0 count as 1 in the overflow check, as strides do in LibTorch.
uint64_t shape_bytes(const TensorEntry& entry, const std::string& where) {
  uint64_t bytes = c10::elementSize(entry.dtype);
  bool empty = false;
  for (const int64_t size : entry.shape) {
    empty = empty || size == 0;
    if (__builtin_mul_overflow(bytes, static_cast<uint64_t>(std::max<int64_t>(size, 1)), &bytes) ||
        bytes > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) {
      fail("{}: shape: received [{}], accepted: fewer than 2^63 bytes", where, fmt::join(entry.shape, ", "));
    }
  }
  return empty ? 0 : bytes;
}

TensorEntry tensor_entry(const std::string& name, const Json& json, uint64_t data_bytes, const std::string& file) {
  const std::string where = fmt::format("{}: tensor \"{}\"", file, for_message(name));
  if (!json.is_object()) fail("{}: received {}, accepted: an object", where, for_message(json.dump()));
  for (const auto& [key, unused] : json.items()) {
    if (key != "dtype" && key != "shape" && key != "data_offsets") {
      fail("{}: received \"{}\", accepted: dtype, shape, data_offsets", where, for_message(key));
    }
  }
  TensorEntry entry{.name = name};
  entry.dtype = dtype_named(member(json, "dtype", where), where);
  entry.shape = whole_numbers(member(json, "shape", where), "shape", where);
  if (entry.shape.size() > kMostDimensions) {
    fail("{}: shape: received {} dimensions, accepted: at most {}", where, entry.shape.size(), kMostDimensions);
  }
  const auto offsets = whole_numbers(member(json, "data_offsets", where), "data_offsets", where);
  if (offsets.size() != 2 || offsets[0] > offsets[1]) {
    fail("{}: data_offsets: received [{}], accepted: [begin, end]", where, fmt::join(offsets, ", "));
  }
  entry.begin = static_cast<uint64_t>(offsets[0]);
  entry.end = static_cast<uint64_t>(offsets[1]);
  if (entry.end > data_bytes) {
    fail("{}: data_offsets: received an end of {}, accepted: at most {}, where the file ends (was it cut short?)",
         where, entry.end, data_bytes);
  }
  const uint64_t bytes = shape_bytes(entry, where);
  if (bytes != entry.end - entry.begin) {
    fail("{}: received {} bytes for shape [{}] of {}, accepted: {}", where, entry.end - entry.begin,
         fmt::join(entry.shape, ", "), c10::toString(entry.dtype), bytes);
  }
  return entry;
}

std::map<std::string, std::string> metadata_of(const Json& json, const std::string& file) {
  std::map<std::string, std::string> metadata;
  if (!json.is_object()) fail("{}: {}: received {}, accepted: an object", file, kMetadata, for_message(json.dump()));
  for (const auto& [key, value] : json.items()) {
    if (!value.is_string()) {
      fail("{}: {}: \"{}\": received {}, accepted: a text", file, kMetadata, for_message(key),
           for_message(value.dump()));
    }
    metadata[key] = value.get<std::string>();
  }
  return metadata;
}

/// Sorts the entries by place and throws unless they fill the data, each byte once.
void check_layout(std::vector<TensorEntry>& entries, uint64_t data_bytes, const std::string& file) {
  std::sort(entries.begin(), entries.end(), [](const TensorEntry& a, const TensorEntry& b) {
    return std::tie(a.begin, a.end, a.name) < std::tie(b.begin, b.end, b.name);
  });
  uint64_t end = 0;
  for (const auto& entry : entries) {
    if (entry.begin != end) {
      fail("{}: tensor \"{}\": begins at byte {}, which {}, accepted: {}", file, for_message(entry.name), entry.begin,
           entry.begin < end ? "overlaps the tensor before it" : "leaves a hole", end);
    }
    end = entry.end;
  }
  if (end != data_bytes) {
    fail("{}: received {} bytes of tensors, accepted: {}, which the header lists", file, data_bytes, end);
  }
}

}  // namespace

TensorHeader parse_tensor_header(std::string_view text, uint64_t data_bytes, const std::string& file) {
  const Json json = parse_strictly(text, file);
  if (!json.is_object()) fail("{}: header: received {}, accepted: an object", file, for_message(json.dump()));
  TensorHeader header;
  for (const auto& [name, value] : json.items()) {
    if (name == kMetadata) {
      header.metadata = metadata_of(value, file);
    } else {
      header.entries.push_back(tensor_entry(name, value, data_bytes, file));
    }
  }
  check_layout(header.entries, data_bytes, file);
  return header;
}

std::string tensor_header_json(const TensorHeader& header, const std::string& file) {
  // Entries keep their order: readers that stream want names in the order of the bytes.
  nlohmann::ordered_json json = nlohmann::ordered_json::object();
  if (!header.metadata.empty()) json[kMetadata] = header.metadata;
  for (const auto& entry : header.entries) {
    json[entry.name] = {
        {"dtype", safetensors_dtype(entry.dtype)}, {"shape", entry.shape}, {"data_offsets", {entry.begin, entry.end}}};
  }
  try {
    std::string text = json.dump();
    text.append((8 - text.size() % 8) % 8, ' ');
    return text;
  } catch (const Json::exception& error) {
    fail("cannot write {}: {}", file, for_message(error.what()));
  }
}

const char* safetensors_dtype(at::ScalarType type) {
  for (const auto& known : kDtypes) {
    if (known.type == type) return known.name;
  }
  return nullptr;
}

}  // namespace forger
