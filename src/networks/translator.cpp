#include "networks/translator.h"

#include <algorithm>

#include "core/torch.h"
#include "onnx/operations.h"

namespace forger {
namespace {

constexpr double kTranslatorDeviation = 0.02;
const Initializer kTranslatorInitializer{Initializer::Kind::normal, kTranslatorDeviation};

}  // namespace

at::Tensor Translator::forward(const at::Tensor& images) { return finished(answer(filled(images)), images); }

OnnxValue Translator::to_onnx(OnnxGraph& graph, const OnnxValue& images) {
  const auto made = answer(graph, onnx::filled_up(graph, images, multiple_px(), least_px()));
  return onnx::cut_to(graph, onnx::tanh(graph, made), images, 1);
}

at::Tensor Translator::filled(const at::Tensor& images) const {
  return filled_up(images, multiple_px(), least_px()).contiguous(at::MemoryFormat::ChannelsLast);
}

at::Tensor Translator::finished(const at::Tensor& answer, const at::Tensor& images) const {
  const auto made = at::tanh(answer.to(images.scalar_type()));
  return made.slice(2, 0, images.size(2)).slice(3, 0, images.size(3)).contiguous(at::MemoryFormat::ChannelsLast);
}

ImageRule Translator::rule() const {
  const int64_t multiple = multiple_px();
  int64_t halo = 0;
  for (int64_t row = 0; row < multiple; ++row) {
    const auto seen = seen_by({row, row});
    halo = std::max({halo, row - seen.first, seen.last - row});
  }
  return {.scale = 1, .multiple_px = multiple, .halo_px = halo};
}

std::shared_ptr<Convolution> Translator::add_convolution(const std::string& name, ConvolutionOptions layer,
                                                         bool normalized, const at::Generator& random) {
  layer.bias = !normalized || options_.normalization == "none";
  layer.initializer = kTranslatorInitializer;
  return add<Convolution>(*this, name, layer, random);
}

std::shared_ptr<DoublingConvolution> Translator::add_doubling(const std::string& name, int64_t inputs, int64_t outputs,
                                                              bool normalized, const at::Generator& random) {
  const ConvolutionOptions layer{.inputs = inputs,
                                 .outputs = outputs,
                                 .bias = !normalized || options_.normalization == "none",
                                 .initializer = kTranslatorInitializer};
  const auto* upsampling = options_.upsampling == "resize" ? "nearest" : "transposed";
  return add<DoublingConvolution>(*this, name, upsampling, layer, random);
}

std::shared_ptr<Normalization> Translator::add_norm(const std::string& name, int64_t channels, bool normalized,
                                                    const at::Generator& random) {
  const NormalizationOptions layer{.kind = normalized ? options_.normalization : "none",
                                   .channels = channels,
                                   .of_image = options_.statistics == "image",
                                   .scale_deviation = kTranslatorDeviation};
  return add<Normalization>(*this, name, layer, random);
}

std::shared_ptr<Dropout> Translator::add_dropout(const std::string& name, bool drops) {
  return add<Dropout>(*this, name, drops ? options_.dropout : 0, random_, Dropout::Drops::numbers);
}

}  // namespace forger
