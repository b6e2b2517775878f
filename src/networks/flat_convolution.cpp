#include "networks/flat_convolution.h"

#include <ATen/core/dispatch/Dispatcher.h>

#include "core/torch.h"
#include "onnx/operations.h"

namespace forger {
namespace {

using Sides = at::IntArrayRef;
using Numbers = c10::List<std::optional<at::Scalar>>;
using Convolve = at::Tensor(const at::Tensor&, const at::Tensor&, const std::optional<at::Tensor>&, Sides, Sides, Sides,
                            int64_t, std::string_view, Numbers, std::optional<std::string_view>);
using ConvolveAndAdd = at::Tensor(const at::Tensor&, const at::Tensor&, const at::Tensor&,
                                  const std::optional<at::Tensor>&, Sides, Sides, Sides, int64_t, std::string_view,
                                  std::optional<at::Scalar>, std::optional<std::string_view>, Numbers,
                                  std::optional<std::string_view>);
using Pack = at::Tensor(const at::Tensor&, Sides, Sides, Sides, int64_t, at::OptionalIntArrayRef);

constexpr int64_t kOnes[] = {1, 1};

/// oneDNN's convolutions with what follows them, which LibTorch has for its compiler; absent where it was built without
/// oneDNN.
struct PackedOperations {
  std::optional<c10::TypedOperatorHandle<Convolve>> convolve;
  std::optional<c10::TypedOperatorHandle<ConvolveAndAdd>> convolve_and_add;
  std::optional<c10::TypedOperatorHandle<Pack>> pack;
  bool all() const { return convolve && convolve_and_add && pack; }
};

template <class Signature>
std::optional<c10::TypedOperatorHandle<Signature>> find_operation(const char* name, const char* overload) {
  const auto found = c10::Dispatcher::singleton().findSchema({name, overload});
  if (!found || !found->hasKernelForDispatchKey(c10::DispatchKey::CPU)) return std::nullopt;
  return found->typed<Signature>();
}

const PackedOperations& packed_operations() {
  static const PackedOperations found{
      .convolve = find_operation<Convolve>("mkldnn::_convolution_pointwise", ""),
      .convolve_and_add = find_operation<ConvolveAndAdd>("mkldnn::_convolution_pointwise", "binary"),
      .pack = find_operation<Pack>("mkldnn::_reorder_convolution_weight", "")};
  return found;
}

Numbers numbers(std::initializer_list<double> values) {
  Numbers list;
  for (const double value : values) list.push_back(at::Scalar(value));
  return list;
}

}  // namespace

bool runs_packed(const torch::nn::Module& network, const at::Tensor& input) {
  const auto dtype = input.scalar_type();
  return !network.is_training() && !at::GradMode::is_enabled() && input.is_cpu() &&
         (dtype == at::kFloat || dtype == at::kBFloat16) && packed_operations().all();
}

const FlatConvolution::Packed& FlatConvolution::packed(const at::Tensor& input, double share) {
  const auto dtype = input.scalar_type();
  const int64_t version = weight_.is_inference() ? 0 : int64_t{weight_._version()};
  const bool fresh = packed_.weight.defined() && packed_.from == weight_.const_data_ptr() &&
                     packed_.version == version && packed_.dtype == dtype && packed_.share == share;
  if (fresh) return packed_;
  const auto shared = [&](const at::Tensor& tensor) { return (tensor.detach() * share).to(dtype); };
  const int64_t sides[] = {options_.kernel / 2, options_.kernel / 2};
  // It takes weights only that are channels-last in memory where the images are.
  const auto weight = shared(weight_).contiguous(at::MemoryFormat::ChannelsLast);
  packed_ = {.weight = packed_operations().pack->call(weight, sides, kOnes, kOnes, options_.groups, input.sizes()),
             .bias = bias_.defined() ? shared(bias_) : at::Tensor(),
             .from = weight_.const_data_ptr(),
             .version = version,
             .dtype = dtype,
             .share = share};
  return packed_;
}

at::Tensor FlatConvolution::forward(const at::Tensor& input) {
  if (!runs_packed(*this, input)) return Convolution::forward(input);
  const auto& now = packed(input, 1);
  const int64_t sides[] = {options_.kernel / 2, options_.kernel / 2};
  return packed_operations().convolve->call(input, now.weight, now.bias, sides, kOnes, kOnes, options_.groups, "none",
                                            numbers({}), "");
}

at::Tensor FlatConvolution::leaky(const at::Tensor& input, double slope) {
  if (!runs_packed(*this, input)) {
    auto made = Convolution::forward(input);
    return reported(at::leaky_relu_(made, slope));
  }
  const auto& now = packed(input, 1);
  const int64_t sides[] = {options_.kernel / 2, options_.kernel / 2};
  return reported(packed_operations().convolve->call(input, now.weight, now.bias, sides, kOnes, kOnes, options_.groups,
                                                     "leaky_relu", numbers({slope}), ""));
}

at::Tensor FlatConvolution::added(const at::Tensor& input, const at::Tensor& to, double share) {
  if (!runs_packed(*this, input)) return reported(at::add(to, Convolution::forward(input), share));
  const auto& now = packed(input, share);
  const int64_t sides[] = {options_.kernel / 2, options_.kernel / 2};
  return reported(packed_operations().convolve_and_add->call(input, to.to(input.scalar_type()), now.weight, now.bias,
                                                             sides, kOnes, kOnes, options_.groups, "add", 1.0,
                                                             std::nullopt, numbers({}), std::nullopt));
}

OnnxValue FlatConvolution::leaky(OnnxGraph& graph, const OnnxValue& input, double slope) {
  return onnx::leaky_relu(graph, to_onnx(graph, input), slope);
}

OnnxValue FlatConvolution::added(OnnxGraph& graph, const OnnxValue& input, const OnnxValue& to, double share) {
  const auto made = to_onnx(graph, input);
  return onnx::plus(graph, to, share == 1 ? made : onnx::times(graph, made, share));
}

std::shared_ptr<FlatConvolution> add_flat_convolution(torch::nn::Module& owner, const std::string& name, int64_t inputs,
                                                      int64_t outputs, int64_t kernel, const at::Generator& random,
                                                      double scale) {
  const ConvolutionOptions options{
      .inputs = inputs,
      .outputs = outputs,
      .kernel = kernel,
      .padding = kernel / 2,
      .initializer = {Initializer::Kind::fan_in_uniform, scale, /*uniform_bias=*/scale == 1}};
  return add<FlatConvolution>(owner, name, options, random);
}

}  // namespace forger
