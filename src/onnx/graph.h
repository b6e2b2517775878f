#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace torch::nn {
class Module;
}

namespace forger {

/// Versions of ONNX's set of operators that are written.
inline constexpr int64_t kOldestOpset = 13, kUsualOpset = 17, kNewestOpset = 20;

/// A tensor of a graph, by its name there; an empty name stands for none.
struct OnnxValue {
  std::string name;
  explicit operator bool() const { return !name.empty(); }
};

/// ONNX's numbers for them.
enum class OnnxType { float32 = 1, uint8 = 2, int64 = 7, boolean = 9, float16 = 10, float64 = 11 };

/// A side of what goes in or comes out: its length, or a name where it may be any.
using OnnxSide = std::variant<int64_t, std::string>;

using OnnxAttribute = std::variant<int64_t, double, std::string, std::vector<int64_t>>;
using OnnxAttributes = std::vector<std::pair<const char*, OnnxAttribute>>;

struct OnnxNode {
  std::string name, operation;
  std::vector<std::string> inputs, outputs;
  OnnxAttributes attributes;
};

/// What goes into a graph or comes out of it.
struct OnnxPort {
  std::string name;
  OnnxType type = OnnxType::float32;
  std::vector<OnnxSide> sides;
};

/// The number of a tensor's type in ONNX. Throws Error on a type that no graph here has.
OnnxType onnx_type_of(const at::Tensor& tensor);

/// An ONNX graph in the making: what goes in, nodes one after the other, what comes out. The numbers that networks
/// compute with are float32, or float16 where asked for.
class OnnxGraph {
 public:
  struct Options {
    int64_t opset = kUsualOpset;
    bool half = false;
  };

  /// Throws Error on an opset that is not written.
  explicit OnnxGraph(const Options& options);

  /// Knows from now on what the network's weights and layers are called, each name behind `prefix`: weights keep their
  /// names, messages and nodes say the layer's.
  void name_parts(const torch::nn::Module& network, const std::string& prefix = "");

  /// While it lives, nodes belong to a layer.
  class Inside {
   public:
    Inside(OnnxGraph& graph, const torch::nn::Module* layer);
    ~Inside() { graph_.place_ = std::move(outer_); }
    Inside(const Inside&) = delete;
    Inside& operator=(const Inside&) = delete;

   private:
    OnnxGraph& graph_;
    std::string outer_;
  };

  OnnxValue input(const OnnxPort& port);
  void output(const OnnxPort& port, const OnnxValue& value);

  /// A tensor of numbers that do not change. Floats become the graph's, others stay.
  OnnxValue constant(const at::Tensor& tensor);
  /// The same, where floats stay what they are.
  OnnxValue constant_as_it_is(const at::Tensor& tensor);
  /// One number of the graph's.
  OnnxValue number(double value);
  /// int64 `[N]`.
  OnnxValue integers(const std::vector<int64_t>& values);

  /// A node with one output, which is returned. Throws Error where the graph's opset does not know the operation,
  /// naming the layer.
  OnnxValue node(const std::string& operation, const std::vector<OnnxValue>& inputs,
                 const OnnxAttributes& attributes = {});
  /// The same with several outputs.
  std::vector<OnnxValue> node_of_several(size_t outputs, const std::string& operation,
                                         const std::vector<OnnxValue>& inputs, const OnnxAttributes& attributes = {});

  int64_t opset() const { return options_.opset; }
  /// The type of the numbers that networks compute with.
  OnnxType real() const { return options_.half ? OnnxType::float16 : OnnxType::float32; }

  const std::vector<OnnxNode>& nodes() const { return nodes_; }
  const std::vector<OnnxPort>& inputs() const { return inputs_; }
  const std::vector<OnnxPort>& outputs() const { return outputs_; }
  /// By name.
  const std::map<std::string, at::Tensor>& constants() const { return constants_; }

 private:
  OnnxValue keep(std::string name, at::Tensor tensor);

  Options options_;
  std::vector<OnnxNode> nodes_;
  std::vector<OnnxPort> inputs_, outputs_;
  std::map<std::string, at::Tensor> constants_;
  std::map<std::vector<int64_t>, OnnxValue> integers_;
  std::map<double, OnnxValue> numbers_;
  std::map<const void*, std::string> names_;
  std::string place_;
};

}  // namespace forger
