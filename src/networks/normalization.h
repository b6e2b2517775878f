#pragma once

#include <string>

#include "networks/layers.h"

namespace forger {

struct NormalizationOptions {
  /// "batch" (Ioffe & Szegedy 2015, arXiv 1502.03167), "instance" (Ulyanov et al. 2016, arXiv 1607.08022) or
  /// "none".
  std::string kind = "batch";
  int64_t channels = 0;
  /// Above 0: a scale and an offset for each class (Dumoulin et al. 2017, arXiv 1610.07629); "batch" only.
  int64_t classes = 0;
  /// "batch": in evaluation mode each image goes by its own numbers, not by the running ones. Not with classes.
  bool of_image = false;
  /// Added to the variance.
  double epsilon = 1e-5;
  /// Scales start as N(1, scale_deviation); offsets start at 0.
  double scale_deviation = 0;
};

/// Normalises `[N, C]` or `[N, C, H, W]` channel by channel, then scales and shifts. Batch statistics are
/// those of the batch (in a team, of all of it) in training mode and running ones (buffers, decay 0.9) in evaluation
/// mode, or the image's own. Parameters stay float32; the output keeps the input's dtype and memory format. "none"
/// hands the input on.
class Normalization : public Layer {
 public:
  Normalization(const NormalizationOptions& options, const at::Generator& random);

  using Layer::operator();
  /// Labels `[N]` int64; needed with classes, ignored without.
  at::Tensor operator()(const at::Tensor& input, const at::Tensor& labels);
  using Layer::to_onnx;
  /// The same with labels.
  OnnxValue to_onnx(OnnxGraph& graph, const OnnxValue& input, const OnnxValue& labels);

 protected:
  at::Tensor forward(const at::Tensor& input) override;
  OnnxValue nodes(OnnxGraph& graph, const OnnxValue& input) override;

 private:
  enum class Kind { batch, instance, none } kind_;
  bool by_class_, of_image_;
  double epsilon_;
  at::Tensor weight_, bias_, mean_, variance_;
};

}  // namespace forger
