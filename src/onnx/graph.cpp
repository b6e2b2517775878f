#include "onnx/graph.h"

#include "core/fail.h"
#include "core/torch.h"

namespace forger {
namespace {

/// Operations that are younger than the oldest opset.
constexpr std::pair<const char*, int64_t> kYoung[] = {
    {"GridSample", 16}, {"LayerNormalization", 17}, {"Mish", 18}, {"Gelu", 20}};

}  // namespace

OnnxType onnx_type_of(const at::Tensor& tensor) {
  switch (tensor.scalar_type()) {
    case at::kFloat: return OnnxType::float32;
    case at::kHalf: return OnnxType::float16;
    case at::kDouble: return OnnxType::float64;
    case at::kByte: return OnnxType::uint8;
    case at::kLong: return OnnxType::int64;
    case at::kBool: return OnnxType::boolean;
    default: fail("ONNX: received a tensor of {}, which is not written", c10::toString(tensor.scalar_type()));
  }
}

OnnxGraph::OnnxGraph(const Options& options) : options_(options) {
  if (options.opset >= kOldestOpset && options.opset <= kNewestOpset) return;
  fail("option opset: received {}, accepted: {} to {}", options.opset, kOldestOpset, kNewestOpset);
}

void OnnxGraph::name_parts(const torch::nn::Module& network, const std::string& prefix) {
  const auto name = [&](const void* part, const std::string& called) { names_[part] = prefix + called; };
  for (const auto& item : network.named_parameters()) name(item.value().unsafeGetTensorImpl(), item.key());
  for (const auto& item : network.named_buffers()) name(item.value().unsafeGetTensorImpl(), item.key());
  for (const auto& item : network.named_modules("", /*include_self=*/false)) name(item.value().get(), item.key());
}

OnnxGraph::Inside::Inside(OnnxGraph& graph, const torch::nn::Module* layer) : graph_(graph), outer_(graph.place_) {
  const auto named = graph.names_.find(layer);
  if (named != graph.names_.end()) graph.place_ = named->second;
}

OnnxValue OnnxGraph::input(const OnnxPort& port) {
  inputs_.push_back(port);
  return {port.name};
}

void OnnxGraph::output(const OnnxPort& port, const OnnxValue& value) {
  nodes_.push_back(
      {.name = port.name, .operation = "Identity", .inputs = {value.name}, .outputs = {port.name}, .attributes = {}});
  outputs_.push_back(port);
}

OnnxValue OnnxGraph::keep(std::string name, at::Tensor tensor) {
  if (name.empty()) name = fmt::format("{}constant_{}", place_.empty() ? "" : place_ + ".", constants_.size());
  constants_[name] = std::move(tensor);
  return {name};
}

OnnxValue OnnxGraph::constant(const at::Tensor& tensor) {
  const auto type = options_.half ? at::kHalf : at::kFloat;
  if (!tensor.is_floating_point() || tensor.scalar_type() == type) return constant_as_it_is(tensor);
  const auto named = names_.find(tensor.unsafeGetTensorImpl());
  return keep(named == names_.end() ? "" : named->second, tensor.detach().to(type));
}

OnnxValue OnnxGraph::constant_as_it_is(const at::Tensor& tensor) {
  const auto named = names_.find(tensor.unsafeGetTensorImpl());
  return keep(named == names_.end() ? "" : named->second, tensor.detach());
}

OnnxValue OnnxGraph::number(double value) {
  auto& known = numbers_[value];
  if (!known) known = constant(at::scalar_tensor(value, at::kFloat));
  return known;
}

OnnxValue OnnxGraph::integers(const std::vector<int64_t>& values) {
  auto& known = integers_[values];
  if (!known) known = constant(at::tensor(values, at::kLong));
  return known;
}

OnnxValue OnnxGraph::node(const std::string& operation, const std::vector<OnnxValue>& inputs,
                          const OnnxAttributes& attributes) {
  return node_of_several(1, operation, inputs, attributes)[0];
}

std::vector<OnnxValue> OnnxGraph::node_of_several(size_t outputs, const std::string& operation,
                                                  const std::vector<OnnxValue>& inputs,
                                                  const OnnxAttributes& attributes) {
  for (const auto& [young, since] : kYoung) {
    if (operation != young || options_.opset >= since) continue;
    fail("option opset: received {}, but {}{} needs {}; accepted: {} to {}", options_.opset, operation,
         place_.empty() ? "" : fmt::format(" of the layer {}", place_), since, since, kNewestOpset);
  }
  OnnxNode made{.name = fmt::format("{}{}_{}", place_.empty() ? "" : place_ + ".", operation, nodes_.size()),
                .operation = operation,
                .inputs = {},
                .outputs = {},
                .attributes = attributes};
  for (const auto& input : inputs) made.inputs.push_back(input.name);
  std::vector<OnnxValue> values;
  for (size_t i = 0; i < outputs; ++i) {
    values.push_back({i == 0 ? made.name : fmt::format("{}.{}", made.name, i)});
    made.outputs.push_back(values.back().name);
  }
  nodes_.push_back(std::move(made));
  return values;
}

}  // namespace forger
