#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace forger {

/// What an ONNX file says, but for the numbers of its weights and the attributes of its nodes.
struct OnnxOutline {
  struct Node {
    std::string name, operation;
    std::vector<std::string> inputs, outputs;
  };
  /// What goes in or comes out.
  struct Port {
    std::string name;
    int64_t type = 0;                   ///< ONNX's number of it; 0: not said
    std::optional<int64_t> sides = {};  ///< how many; none: not said
  };
  struct Weight {
    std::string name;
    int64_t type = 0;
    std::vector<int64_t> sides;
    int64_t bytes = 0;  ///< of its numbers
    /// The file that they stand in, beside this one, and where; empty: here.
    std::string file;
    int64_t offset = 0;
  };

  int64_t format = 0;  ///< "IR version"
  std::optional<int64_t> opset = {};
  bool has_graph = false;
  std::vector<Node> nodes;
  std::vector<Port> inputs, outputs;
  std::vector<Weight> weights;
  std::map<std::string, std::string> metadata;
};

/// Reads the bytes of an ONNX file. Throws Error naming `source` where they are none.
OnnxOutline parse_onnx(std::string_view bytes, const std::string& source);

/// What is wrong with the structure of an ONNX file in `folder`, each in a few words; none: nothing that can be seen
/// without running it. The format and its operators are of versions that Forger writes; what goes in and comes out has
/// a type and sides; names are there once; a node's inputs are made before it; weights have as many bytes as their
/// sides say, here or in the file beside.
std::vector<std::string> faults_of(const OnnxOutline& outline, const std::filesystem::path& folder);

}  // namespace forger
