#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include "onnx/graph.h"

namespace forger {

/// Bytes of weights up to which they stand in the file itself: readers of Protocol Buffers take no message beyond 2
/// GiB.
inline constexpr int64_t kMostBytesInside = 2'000'000'000;

/// What was written.
struct OnnxFileSizes {
  int64_t file_bytes = 0;
  /// Of the weights beside it, in FILE.data; 0: there are none.
  int64_t beside_bytes = 0;
};

/// Writes a graph as an ONNX file, weight by weight: none is held twice but for its conversion. `metadata` becomes its
/// metadata_props. Where the weights have more than `most_inside` bytes they are written beside it, which is a file of
/// the same name and ".data". Whole or not at all. Throws WriteError.
OnnxFileSizes write_onnx(const std::filesystem::path& path, const OnnxGraph& graph, const std::string& name,
                         const std::map<std::string, std::string>& metadata, int64_t most_inside = kMostBytesInside);

}  // namespace forger
