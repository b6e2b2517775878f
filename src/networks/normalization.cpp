#include "networks/normalization.h"

#include "core/team.h"
#include "core/torch.h"
#include "networks/team_batch_norm.h"
#include "onnx/operations.h"

namespace forger {
namespace {

/// Each image by its own numbers. One group a channel, unlike at::instance_norm, keeps channels-last images so; on
/// processors LibTorch's kernels for that take a number at a time, and those of a batch of one image do not.
at::Tensor normalized_alone(const at::Tensor& input, const at::Tensor& weight, const at::Tensor& bias, double epsilon) {
  if (!input.is_cpu()) return at::group_norm(input, input.size(1), weight, bias, epsilon);
  std::vector<at::Tensor> images;
  for (const auto& image : input.split(1)) {
    images.push_back(at::batch_norm(image, weight, bias, {}, {}, /*training=*/true, /*momentum=*/0, epsilon, false));
  }
  return images.size() == 1 ? images[0] : at::cat(images);
}

}  // namespace

Normalization::Normalization(const NormalizationOptions& options, const at::Generator& random)
    : kind_(options.kind == "batch"      ? Kind::batch
            : options.kind == "instance" ? Kind::instance
                                         : Kind::none),
      by_class_(options.classes > 0),
      of_image_(options.of_image),
      epsilon_(options.epsilon) {
  if (kind_ == Kind::none) return;
  const auto sizes =
      by_class_ ? std::vector<int64_t>{options.classes, options.channels} : std::vector<int64_t>{options.channels};
  auto scales = at::ones(sizes);
  if (options.scale_deviation > 0) scales.normal_(1, options.scale_deviation, random);
  weight_ = register_parameter("weight", scales);
  bias_ = register_parameter("bias", at::zeros(sizes));
  if (kind_ != Kind::batch) return;
  mean_ = register_buffer("running_mean", at::zeros({options.channels}));
  variance_ = register_buffer("running_var", at::ones({options.channels}));
}

at::Tensor Normalization::forward(const at::Tensor& input) {
  constexpr double kMomentum = 0.1;
  if (kind_ == Kind::none) return input;
  const bool alone = kind_ == Kind::instance || (of_image_ && !is_training());
  if (alone) return normalized_alone(input, weight_, bias_, epsilon_);
  const at::Tensor scale = by_class_ ? at::Tensor() : weight_;
  const at::Tensor offset = by_class_ ? at::Tensor() : bias_;
  if (Team* team = is_training() ? present_team_of_statistics() : nullptr) {
    return team_batch_norm(*team, input, scale, offset, mean_, variance_, kMomentum, epsilon_);
  }
  return at::batch_norm(input, scale, offset, mean_, variance_, is_training(), kMomentum, epsilon_, true);
}

OnnxValue Normalization::nodes(OnnxGraph& graph, const OnnxValue& input) {
  if (kind_ == Kind::none) return input;
  if (kind_ == Kind::instance || of_image_) {
    return onnx::group_norm(graph, input, weight_.size(0), weight_, bias_, epsilon_);
  }
  const auto scale = by_class_ ? at::ones_like(mean_) : weight_;
  const auto offset = by_class_ ? at::zeros_like(mean_) : bias_;
  return graph.node(
      "BatchNormalization",
      {input, graph.constant(scale), graph.constant(offset), graph.constant(mean_), graph.constant(variance_)},
      {{"epsilon", epsilon_}});
}

at::Tensor Normalization::operator()(const at::Tensor& input, const at::Tensor& labels) {
  if (!by_class_) return (*this)(input);
  const auto rows = [&](const at::Tensor& table) {
    return at::embedding(table, labels).to(input.scalar_type()).unsqueeze(2).unsqueeze(3);
  };
  return reported(at::addcmul(rows(bias_), forward(input), rows(weight_)));
}

OnnxValue Normalization::to_onnx(OnnxGraph& graph, const OnnxValue& input, const OnnxValue& labels) {
  if (!by_class_) return to_onnx(graph, input);
  const OnnxGraph::Inside inside(graph, this);
  const auto rows = [&](const at::Tensor& table) {
    return onnx::unsqueeze(graph, onnx::index_select(graph, graph.constant(table), 0, labels), {2, 3});
  };
  return onnx::plus(graph, onnx::times(graph, nodes(graph, input), rows(weight_)), rows(bias_));
}

}  // namespace forger
