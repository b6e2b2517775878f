#pragma once

#include <ATen/core/Generator.h>
#include <torch/nn/module.h>

#include <memory>
#include <optional>
#include <vector>

#include "core/item_random.h"
#include "core/shape.h"
#include "networks/image_rule.h"
#include "onnx/graph.h"

namespace forger {

class Linear;

/// Where the layers that draw numbers draw them from. A network and its layers share one, so that the caller
/// can pass a fresh seed each step.
struct RandomSource {
  std::optional<ItemRandom> numbers;  ///< none until `Network::use_random`
  bool in_evaluation = false;         ///< whether they also draw in evaluation mode
};

/// What every network has.
class Network : public torch::nn::Module {
 public:
  /// Layers such as dropout draw from `random` from now on. Needed before a forward pass in training mode of
  /// a network that has such layers.
  void use_random(ItemRandom random) { random_->numbers = std::move(random); }
  /// Whether they draw in evaluation mode, too, as in a translation of which one of many is asked for. At first not.
  void draw_in_evaluation(bool draws) { random_->in_evaluation = draws; }

 protected:
  std::shared_ptr<RandomSource> random_ = std::make_shared<RandomSource>();
};

/// Latent `[N, latent_size]` float, labels `[N]` int64 (undefined unless class-conditional) -> images `[N, C, H, W]` in
/// [-1, 1]; points `[N, 2, 1, 1]` are unbounded. Always float32, also under autocast, and channels-last.
class LatentGenerator : public Network {
 public:
  virtual at::Tensor forward(const at::Tensor& latent, const at::Tensor& labels) = 0;
  /// Adds what the network does in evaluation mode to an ONNX graph; `labels` are none unless class-conditional.
  virtual OnnxValue to_onnx(OnnxGraph& graph, const OnnxValue& latent, const OnnxValue& labels) = 0;
};

/// What is made of images, and the grids on the way into the network, from the image itself inwards.
struct MadeWithLevels {
  at::Tensor images;
  std::vector<at::Tensor> levels;
};

/// Images `[N, C, H, W]` in [-1, 1] -> images `[N, C', scale * H, scale * W]` in [-1, 1], float32, channels-last.
class ImageGenerator : public Network {
 public:
  virtual at::Tensor forward(const at::Tensor& images) = 0;
  /// The same with what it goes by; and that alone, at about half the cost. Throw Error for networks that do not show
  /// it.
  virtual MadeWithLevels forward_with_levels(const at::Tensor& images);
  virtual std::vector<at::Tensor> levels(const at::Tensor& images);
  virtual ImageRule rule() const = 0;
  /// Adds what the network does in evaluation mode to an ONNX graph, for images of any size.
  virtual OnnxValue to_onnx(OnnxGraph& graph, const OnnxValue& images) = 0;
};

/// Images `[N, C, H, W]` in [-1, 1], labels as above -> logits float32, positive for "real": `[N]`, or of patches
/// `[N, 1, h, w]`.
class Discriminator : public Network {
 public:
  virtual at::Tensor forward(const at::Tensor& images, const at::Tensor& labels) = 0;
  /// The same for whoever counts images: `[N]`, of patches their mean.
  at::Tensor image_logits(const at::Tensor& images, const at::Tensor& labels);
  /// What the network sees in images, level by level: grids `[N, C, H, W]` from the finest to the one that the logit is
  /// read from (or `[N, C]` where there are no grids). Throws Error for networks that do not show it.
  virtual std::vector<at::Tensor> levels(const at::Tensor& images);
  /// The last of them.
  at::Tensor features(const at::Tensor& images) { return levels(images).back(); }
  /// Whether `DiscriminatorOptions::rotations` is above 0.
  bool names_rotations() const { return rotation_head_ != nullptr; }
  /// Logits `[N, 4]` of the quarters by which images were rotated; only where it names rotations.
  at::Tensor rotations(const at::Tensor& images);
  /// The same as nodes of an ONNX graph.
  OnnxValue rotations(OnnxGraph& graph, const OnnxValue& images);

 protected:
  /// What rotations are read off, as `[N, numbers]` in an ONNX graph. Throws Error for networks that are not asked.
  virtual OnnxValue flat_features(OnnxGraph& graph, const OnnxValue& images);
  /// Null unless rotations are asked for.
  std::shared_ptr<Linear> rotation_head_;
};

/// What an encoder gives for an image: `numbers` of them or, where the code is convolutional, a picture of `height`
/// times `width` places, as numbers one channel after the other.
struct CodeShape {
  int64_t numbers = 0;
  int64_t height = 0, width = 0;
  bool is_convolutional() const { return height > 0; }
};

/// Images `[N, C, H, W]` in [-1, 1] -> `[N, CodeShape::numbers]` float32, without a bound.
class Encoder : public Network {
 public:
  virtual at::Tensor forward(const at::Tensor& images) = 0;
  /// Adds what the network does in evaluation mode to an ONNX graph.
  virtual OnnxValue to_onnx(OnnxGraph& graph, const OnnxValue& images) = 0;
};

}  // namespace forger
