#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace forger {

/// ONNX Runtime's library, through its C interface. Forger is not linked with it: it is looked for when it is asked
/// for, and all the rest is done without it.
class OnnxRuntime {
 public:
  /// Looks in ONNXRUNTIME_DIR (the folder that holds it, or its `lib` or `capi`), beside LibTorch, where a wheel of
  /// Python lies, in the environment that VIRTUAL_ENV names, and where the loader looks. Null where there is none.
  static std::shared_ptr<const OnnxRuntime> find();
  ~OnnxRuntime();
  OnnxRuntime(const OnnxRuntime&) = delete;
  OnnxRuntime& operator=(const OnnxRuntime&) = delete;

  /// "1.32.0".
  const std::string& version() const { return version_; }

 private:
  friend class OnnxSession;
  explicit OnnxRuntime(const void* base);
  /// Calls the function at a place of the interface. Throws Error with what it has to say.
  template <class... Arguments>
  void call(int place, Arguments... arguments) const;
  void release(int place, void* object) const;

  void* const* functions_;
  std::string version_;
  void* environment_ = nullptr;
};

/// What goes into a file or comes out of it.
struct OnnxPlug {
  std::string name;
  std::vector<int64_t> sides;  ///< -1: any
};

/// An ONNX file, ready to be run on this machine's processors.
class OnnxSession {
 public:
  /// `threads`: 0 for as many as the runtime thinks right. Throws Error naming the file.
  OnnxSession(std::shared_ptr<const OnnxRuntime> runtime, const std::filesystem::path& file, int threads = 0);
  ~OnnxSession();
  OnnxSession(const OnnxSession&) = delete;
  OnnxSession& operator=(const OnnxSession&) = delete;

  /// What comes out by these names, of inputs (uint8, int64 or float32) by theirs. Throws Error.
  std::map<std::string, at::Tensor> run(const std::map<std::string, at::Tensor>& inputs,
                                        const std::vector<std::string>& outputs) const;

  const std::vector<OnnxPlug>& inputs() const { return inputs_; }
  const std::vector<OnnxPlug>& outputs() const { return outputs_; }
  /// The file's metadata_props.
  const std::map<std::string, std::string>& metadata() const { return metadata_; }

 private:
  std::vector<OnnxPlug> read_plugs(int count_place, int name_place, int type_place) const;
  std::map<std::string, std::string> read_metadata() const;
  std::vector<int64_t> read_sides(const void* shape) const;

  std::shared_ptr<const OnnxRuntime> runtime_;
  std::vector<OnnxPlug> inputs_, outputs_;
  std::map<std::string, std::string> metadata_;
  void* session_ = nullptr;
  void* memory_ = nullptr;
};

}  // namespace forger
