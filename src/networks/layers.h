#pragma once

#include <ATen/core/Generator.h>
#include <torch/nn/module.h>

#include <functional>
#include <memory>
#include <string>

#include "networks/network.h"
#include "onnx/graph.h"

namespace forger {

/// How a weight is drawn. Fan-in and fan-out count the numbers that one output and one input number meet.
struct Initializer {
  enum class Kind {
    normal,          ///< N(0, scale)
    fan_in_normal,   ///< N(0, scale / sqrt(fan-in)); scale 0 gives zeros
    fan_in_uniform,  ///< U(-b, b), b = scale / sqrt(fan-in): PyTorch's default with scale 1
    glorot_uniform,  ///< U(-b, b), b = scale * sqrt(6 / (fan-in + fan-out)): Chainer's default with scale 1
  };
  Kind kind = Kind::normal;
  double scale = 0.02;
  /// The bias is drawn from U(-1, 1) / sqrt(fan-in) as PyTorch's layers do by default; else it starts at 0.
  bool uniform_bias = false;
};

/// A part of a network that changes a tensor; `describe` lists them. Called through `operator()`. Each knows its nodes
/// in an ONNX graph.
class Layer : public torch::nn::Module {
 public:
  at::Tensor operator()(const at::Tensor& input) { return reported(forward(input)); }
  /// Adds what the layer does in evaluation mode to a graph, under the layer's name.
  OnnxValue to_onnx(OnnxGraph& graph, const OnnxValue& input);

 protected:
  virtual at::Tensor forward(const at::Tensor& input) = 0;
  /// The same as `forward` in evaluation mode.
  virtual OnnxValue nodes(OnnxGraph& graph, const OnnxValue& input) = 0;
  /// Shows the output to the thread's LayerObserver, if any, and hands it on.
  at::Tensor reported(at::Tensor output) const;
};

/// While it lives, `see(layer, output)` is called for every layer that this thread runs.
class LayerObserver {
 public:
  using See = std::function<void(const Layer& layer, const at::Tensor& output)>;
  explicit LayerObserver(See see);
  ~LayerObserver();
  LayerObserver(const LayerObserver&) = delete;
  LayerObserver& operator=(const LayerObserver&) = delete;
};

/// A layer with a `weight`, its output channels first, and maybe a `bias`. With spectral normalisation
/// (Miyato et al. 2018, arXiv 1802.05957) the weight is divided by its largest singular value, estimated by
/// one power iteration on the buffer `u` in each forward pass in training mode and none in evaluation mode;
/// gradients pass through the value as in `torch.nn.utils.spectral_norm`. Four-dimensional weights are held
/// channels-last, which spares a conversion a pass.
class WeightedLayer : public Layer {
 protected:
  /// Registers a weight of these sizes. `fan_in` and `fan_out` are those of the initialiser.
  void make_weight(at::IntArrayRef sizes, int64_t fan_in, int64_t fan_out, const Initializer& initializer,
                   bool spectral_norm, const at::Generator& random);
  void make_bias(at::IntArrayRef sizes, int64_t fan_in, const Initializer& initializer, const at::Generator& random);
  /// The weight that the forward pass uses.
  at::Tensor weight();

  at::Tensor weight_;
  at::Tensor bias_;  ///< undefined: none

 private:
  at::Tensor spectral_u_;  ///< undefined: no spectral normalisation
};

struct LinearOptions {
  int64_t inputs = 0;
  int64_t outputs = 0;
  bool bias = true;
  Initializer initializer = {};
  bool spectral_norm = false;
};

/// `[N, inputs]` -> `[N, outputs]`.
class Linear : public WeightedLayer {
 public:
  Linear(const LinearOptions& options, const at::Generator& random);

 protected:
  at::Tensor forward(const at::Tensor& input) override;
  OnnxValue nodes(OnnxGraph& graph, const OnnxValue& input) override;
};

/// Labels `[N]` int64 -> rows of a learned table, `[N, outputs]` float32. `inputs` counts the classes.
class Embedding : public WeightedLayer {
 public:
  Embedding(const LinearOptions& options, const at::Generator& random);

 protected:
  at::Tensor forward(const at::Tensor& labels) override;
  OnnxValue nodes(OnnxGraph& graph, const OnnxValue& labels) override;
};

/// Drops whole channels, or numbers one by one, of `[N, C]` or `[N, C, H, W]` with `probability` in training mode, and
/// in evaluation mode where the random source says so, and scales the rest by 1 / (1 - probability). Throws Error when
/// the random source is not set.
class Dropout : public Layer {
 public:
  enum class Drops { channels, numbers };
  Dropout(double probability, std::shared_ptr<const RandomSource> random, Drops drops = Drops::channels);

 protected:
  at::Tensor forward(const at::Tensor& input) override;
  OnnxValue nodes(OnnxGraph& graph, const OnnxValue& input) override;

 private:
  double probability_;
  std::shared_ptr<const RandomSource> random_;
  Drops drops_;
};

/// ReLU and LeakyReLU with slope 0.2 that overwrite their input: for what no other layer's gradient needs,
/// such as the output of a convolution or of a normalisation.
at::Tensor relu_in_place(at::Tensor input);
at::Tensor leaky_relu_in_place(at::Tensor input);
constexpr double kLeakySlope = 0.2;

/// Registers `Part(arguments...)` under `name` and returns it.
template <class Part, class... Arguments>
std::shared_ptr<Part> add(torch::nn::Module& owner, std::string name, Arguments&&... arguments) {
  return owner.register_module(std::move(name), std::make_shared<Part>(std::forward<Arguments>(arguments)...));
}

}  // namespace forger
