#pragma once

#include <c10/core/ScalarType.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace forger {

/// Where one tensor lies in a `.safetensors` file; offsets in bytes from the end of the header.
struct TensorEntry {
  std::string name = {};
  at::ScalarType dtype = at::kFloat;
  std::vector<int64_t> shape = {};
  uint64_t begin = 0;
  uint64_t end = 0;
};

/// The header of a `.safetensors` file, checked: entries follow each other from offset 0 without overlap or
/// hole.
struct TensorHeader {
  std::vector<TensorEntry> entries;
  std::map<std::string, std::string> metadata;
};

/// The longest header that is read, as in the reference implementation.
constexpr uint64_t kMostHeaderBytes = 100'000'000;

/// Bytes of the length in front of the header.
constexpr uint64_t kLengthBytes = 8;

/// Reads the header's JSON for a file whose tensors take `data_bytes`. Throws Error naming `file` and the
/// tensor.
TensorHeader parse_tensor_header(std::string_view json, uint64_t data_bytes, const std::string& file);

/// The header's JSON, padded so that the tensors begin at a multiple of 8 bytes. Throws Error naming `file`
/// when a name or text is no UTF-8.
std::string tensor_header_json(const TensorHeader& header, const std::string& file);

/// "F32" for float32 …, or nullptr for a dtype that such files cannot hold.
const char* safetensors_dtype(at::ScalarType type);

}  // namespace forger
