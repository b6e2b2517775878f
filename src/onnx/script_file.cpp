#include "onnx/script_file.h"

#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/serialization/export.h>
#include <torch/csrc/jit/serialization/import.h>

#include <exception>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/fail.h"
#include "core/files.h"
#include "core/text.h"
#include "core/torch.h"
#include "onnx/script_code.h"

namespace forger {
namespace {

/// A module with the modules inside it, to be filled by names with dots.
class ModuleTree {
 public:
  explicit ModuleTree(const std::string& name)
      : unit_(std::make_shared<torch::jit::CompilationUnit>()), name_("__torch__.forger." + name) {
    inside("");
  }

  void add(const std::string& path, const at::Tensor& tensor) {
    const auto [outer, name] = split(path);
    inside(outer).register_buffer(name, tensor);
  }
  torch::jit::Module& root() { return modules_.at(""); }

 private:
  static std::pair<std::string, std::string> split(const std::string& path) {
    const auto dot = path.rfind('.');
    return dot == std::string::npos ? std::pair(std::string(), path)
                                    : std::pair(path.substr(0, dot), path.substr(dot + 1));
  }
  torch::jit::Module& inside(const std::string& path) {
    if (const auto known = modules_.find(path); known != modules_.end()) return known->second;
    torch::jit::Module made(path.empty() ? name_ : name_ + "Part", unit_, /*shouldMangle=*/true);
    // What `train` and `eval` set, which change nothing here.
    made.register_attribute("training", c10::BoolType::get(), false);
    if (!path.empty()) {
      const auto [outer, name] = split(path);
      inside(outer).register_module(name, made);
    }
    return modules_.emplace(path, std::move(made)).first->second;
  }

  std::shared_ptr<torch::jit::CompilationUnit> unit_;
  std::string name_;
  std::map<std::string, torch::jit::Module> modules_;
};

/// A file holds storages whole: none larger than its tensor.
at::Tensor to_store(const at::Tensor& tensor) {
  auto numbers = tensor.detach().cpu().contiguous();
  return numbers.storage().nbytes() == numbers.nbytes() ? numbers : numbers.clone();
}

}  // namespace

int64_t write_script(const std::filesystem::path& path, const OnnxGraph& graph, const std::string& name,
                     const std::map<std::string, std::string>& metadata) {
  ModuleTree tree(name);
  for (const auto& [called, tensor] : graph.constants()) {
    if (!stands_in_code(tensor)) tree.add(called, to_store(tensor));
  }
  tree.root().define(script_code(graph));

  NewFile made(path);
  FileWriter file(made.temporary(), path);
  std::exception_ptr failed;
  int64_t bytes = 0;
  // LibTorch's writer takes no failure without ending the program: it is told later.
  const auto write = [&](const void* from, size_t count) {
    try {
      if (!failed) file.write({static_cast<const char*>(from), count});
    } catch (const Error&) {
      failed = std::current_exception();
    }
    bytes += static_cast<int64_t>(count);
    return count;
  };
  torch::jit::ExportModule(tree.root(), write, {{kScriptMetadata, nlohmann::json(metadata).dump()}});
  if (failed) std::rethrow_exception(failed);
  file.close();
  made.commit();
  return bytes;
}

struct ScriptFile::Module {
  torch::jit::Module loaded;
};

ScriptFile::ScriptFile(const std::filesystem::path& path) : file_(path.string()) {
  try {
    module_ = std::make_unique<Module>(Module{torch::jit::load(file_, c10::kCPU)});
  } catch (const c10::Error& error) {
    fail("{}: LibTorch cannot load it: {}", file_, first_line(error.what_without_backtrace()));
  }
}

ScriptFile::~ScriptFile() = default;

std::vector<at::Tensor> ScriptFile::run(const std::vector<at::Tensor>& inputs) const {
  std::vector<c10::IValue> given;
  for (const auto& input : inputs) given.push_back(input.dim() > 0 ? c10::IValue(input) : input.item<double>());
  try {
    const auto made = module_->loaded.forward(std::move(given));
    if (made.isTensor()) return {made.toTensor()};
    std::vector<at::Tensor> tensors;
    for (const auto& each : made.toTupleRef().elements()) tensors.push_back(each.toTensor());
    return tensors;
  } catch (const std::exception& error) {
    // A failed TorchScript tells its cause last.
    const std::string all = error.what();
    fail("{}: LibTorch cannot run it: {}", file_, all.substr(all.find_last_of('\n', all.size() - 2) + 1));
  }
}

}  // namespace forger
