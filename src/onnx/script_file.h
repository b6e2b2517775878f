#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "onnx/graph.h"

namespace forger {

/// The name of the metadata in a TorchScript file: JSON, one object of texts.
inline constexpr const char* kScriptMetadata = "forger.json";

/// Writes a graph as a TorchScript file, which LibTorch and PyTorch load. `name`: of its class. `metadata` becomes the
/// extra file `kScriptMetadata` in it. Whole or not at all. Returns its bytes. Throws WriteError, and Error on an
/// operation that is not known.
int64_t write_script(const std::filesystem::path& path, const OnnxGraph& graph, const std::string& name,
                     const std::map<std::string, std::string>& metadata);

/// A TorchScript file, loaded to be run on this machine's processors.
class ScriptFile {
 public:
  /// Throws Error naming the file.
  explicit ScriptFile(const std::filesystem::path& path);
  ~ScriptFile();
  ScriptFile(const ScriptFile&) = delete;
  ScriptFile& operator=(const ScriptFile&) = delete;

  /// What `forward` gives, in its order, of its inputs in theirs; a tensor without sides is given as a number. Throws
  /// Error.
  std::vector<at::Tensor> run(const std::vector<at::Tensor>& inputs) const;

 private:
  struct Module;
  std::string file_;
  std::unique_ptr<Module> module_;
};

}  // namespace forger
