#include "networks/compact.h"

#include "core/torch.h"
#include "onnx/operations.h"

namespace forger {

CompactUpscaler::CompactUpscaler(const UpscalerOptions& options, int64_t channels_in, int64_t channels_out,
                                 const at::Generator& random)
    : Upscaler(options, channels_in, channels_out) {
  const auto body = add<torch::nn::Module>(*this, "body");
  int64_t place = 0;
  const auto next = [&] { return std::to_string(place++); };
  int64_t inputs = channels_in;
  for (int64_t i = 0; i <= options.blocks; ++i) {
    convolutions_.push_back(add_flat_convolution(*body, next(), inputs, options.features, 3, random));
    activations_.push_back(add<Activation>(*body, next(), options.activation, options.features));
    inputs = options.features;
  }
  const int64_t outputs = channels_out * options.scale * options.scale;
  convolutions_.push_back(add_flat_convolution(*body, next(), inputs, outputs, 3, random));
}

at::Tensor CompactUpscaler::answer(const at::Tensor& images) {
  auto grid = images;
  for (size_t i = 0; i < activations_.size(); ++i) grid = (*activations_[i])((*convolutions_[i])(grid));
  return at::pixel_shuffle((*convolutions_.back())(grid), options_.scale);
}

OnnxValue CompactUpscaler::answer(OnnxGraph& graph, const OnnxValue& images) {
  auto grid = images;
  for (size_t i = 0; i < activations_.size(); ++i) {
    grid = activations_[i]->to_onnx(graph, convolutions_[i]->to_onnx(graph, grid));
  }
  return onnx::pixel_shuffle(graph, convolutions_.back()->to_onnx(graph, grid), options_.scale);
}

RowRange CompactUpscaler::seen_by(RowRange rows) const {
  return rows.before_enlarging(options_.scale).widened(static_cast<int64_t>(convolutions_.size()));
}

}  // namespace forger
