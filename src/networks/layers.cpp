#include "networks/layers.h"

#include <algorithm>
#include <cmath>

#include "core/fail.h"
#include "core/torch.h"
#include "onnx/operations.h"

namespace forger {
namespace {

thread_local const LayerObserver::See* observer = nullptr;

constexpr double kNormEpsilon = 1e-12;
constexpr int kFirstPowerIterations = 15;

void draw(at::Tensor& weight, int64_t fan_in, int64_t fan_out, const Initializer& initializer, at::Generator random) {
  const double scale = initializer.scale;
  const auto inputs = static_cast<double>(fan_in);
  switch (initializer.kind) {
    case Initializer::Kind::normal: weight.normal_(0, scale, random); break;
    case Initializer::Kind::fan_in_normal: weight.normal_(0, scale / std::sqrt(inputs), random); break;
    case Initializer::Kind::fan_in_uniform:
      weight.uniform_(-scale / std::sqrt(inputs), scale / std::sqrt(inputs), random);
      break;
    case Initializer::Kind::glorot_uniform: {
      const double bound = scale * std::sqrt(6.0 / (inputs + static_cast<double>(fan_out)));
      weight.uniform_(-bound, bound, random);
      break;
    }
  }
}

at::Tensor unit(const at::Tensor& vector) { return vector / at::norm(vector).clamp_min(kNormEpsilon); }

// The weight as a matrix with one row per output. Columns follow the memory order of a channels-last weight,
// so that no copy is made; singular values do not depend on the order.
at::Tensor as_matrix(const at::Tensor& weight) {
  return weight.dim() == 4 ? weight.permute({0, 2, 3, 1}).flatten(1) : weight.flatten(1);
}

}  // namespace

at::Tensor Layer::reported(at::Tensor output) const {
  if (observer != nullptr) (*observer)(*this, output);
  return output;
}

OnnxValue Layer::to_onnx(OnnxGraph& graph, const OnnxValue& input) {
  const OnnxGraph::Inside inside(graph, this);
  return nodes(graph, input);
}

LayerObserver::LayerObserver(See see) { observer = new See(std::move(see)); }

LayerObserver::~LayerObserver() {
  delete observer;
  observer = nullptr;
}

void WeightedLayer::make_weight(at::IntArrayRef sizes, int64_t fan_in, int64_t fan_out, const Initializer& initializer,
                                bool spectral_norm, const at::Generator& random) {
  auto values = at::empty(sizes);
  draw(values, fan_in, fan_out, initializer, random);
  if (values.dim() == 4) values = values.contiguous(at::MemoryFormat::ChannelsLast);
  weight_ = register_parameter("weight", values);
  if (!spectral_norm) return;
  const auto matrix = as_matrix(values);
  auto u = unit(at::empty({sizes[0]}).normal_(0, 1, random));
  for (int i = 0; i < kFirstPowerIterations; ++i) u = unit(at::mv(matrix, unit(at::mv(matrix.t(), u))));
  spectral_u_ = register_buffer("u", u);
}

void WeightedLayer::make_bias(at::IntArrayRef sizes, int64_t fan_in, const Initializer& initializer,
                              const at::Generator& random) {
  auto values = at::zeros(sizes);
  const double bound = 1 / std::sqrt(static_cast<double>(fan_in));
  if (initializer.uniform_bias) values.uniform_(-bound, bound, random);
  bias_ = register_parameter("bias", values);
}

at::Tensor WeightedLayer::weight() {
  if (!spectral_u_.defined()) return weight_;
  const auto matrix = as_matrix(weight_);
  at::Tensor u = spectral_u_.clone();  // the graph keeps it; later passes change the buffer
  at::Tensor v;
  {
    const at::NoGradGuard constant;
    v = unit(at::mv(matrix.t(), u));
    if (is_training()) {
      u = unit(at::mv(matrix, v));
      spectral_u_.copy_(u);
    }
  }
  return weight_ / at::dot(u, at::mv(matrix, v));
}

Linear::Linear(const LinearOptions& options, const at::Generator& random) {
  make_weight({options.outputs, options.inputs}, options.inputs, options.outputs, options.initializer,
              options.spectral_norm, random);
  if (options.bias) make_bias({options.outputs}, options.inputs, options.initializer, random);
}

at::Tensor Linear::forward(const at::Tensor& input) { return at::linear(input, weight(), bias_); }

OnnxValue Linear::nodes(OnnxGraph& graph, const OnnxValue& input) {
  return onnx::linear(graph, input, weight(), bias_);
}

Embedding::Embedding(const LinearOptions& options, const at::Generator& random) {
  make_weight({options.inputs, options.outputs}, options.inputs, options.outputs, options.initializer,
              options.spectral_norm, random);
}

at::Tensor Embedding::forward(const at::Tensor& labels) { return at::embedding(weight(), labels); }

OnnxValue Embedding::nodes(OnnxGraph& graph, const OnnxValue& labels) {
  return onnx::index_select(graph, graph.constant(weight()), 0, labels);
}

Dropout::Dropout(double probability, std::shared_ptr<const RandomSource> random, Drops drops)
    : probability_(probability), random_(std::move(random)), drops_(drops) {}

at::Tensor Dropout::forward(const at::Tensor& input) {
  if (probability_ == 0 || !(is_training() || random_->in_evaluation)) return input;
  if (!random_->numbers) {
    fail("dropout: received {} without a random source, accepted: a call of use_random first", probability_);
  }
  auto sizes = input.sizes().vec();
  if (drops_ == Drops::channels) std::fill(sizes.begin() + 2, sizes.end(), 1);
  const double kept = 1 - probability_;
  const auto mask = (random_->numbers->uniform(sizes) < kept).to(at::kFloat).div_(kept);
  // In the input's dtype: a float32 mask would turn bfloat16 activations into float32.
  return input * mask.to(input.options());
}

/// In evaluation mode it drops nothing, but where a translation is to be one of many: such a draw is no part of a file.
OnnxValue Dropout::nodes(OnnxGraph&, const OnnxValue& input) { return input; }

at::Tensor relu_in_place(at::Tensor input) { return at::relu_(input); }

at::Tensor leaky_relu_in_place(at::Tensor input) { return at::leaky_relu_(input, kLeakySlope); }

}  // namespace forger
