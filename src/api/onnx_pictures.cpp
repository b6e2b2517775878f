#include "api/onnx_pictures.h"

#include "core/torch.h"
#include "onnx/operations.h"

namespace forger {
namespace {

/// Half the range of a byte: images in [-1, 1] times it, and it, are 0 to 255.
constexpr float kHalfOfByte = 127.5F;

}  // namespace

OnnxPictures::Sides OnnxPictures::Sides::times(int64_t scale) const {
  const auto larger = [&](const OnnxSide& side) -> OnnxSide {
    if (scale == 1) return side;
    if (const auto* length = std::get_if<int64_t>(&side)) return scale * *length;
    return std::to_string(scale) + "*" + std::get<std::string>(side);
  };
  return {.height = larger(height), .width = larger(width)};
}

OnnxValue OnnxPictures::float_number(float value) const {
  return graph_.constant_as_it_is(at::scalar_tensor(value, at::kFloat));
}

OnnxValue OnnxPictures::input(const std::string& name, int64_t channels, const Sides& sides) const {
  if (raw_) {
    return graph_.input(
        {.name = name, .type = OnnxType::float32, .sides = {kBatch, channels, sides.height, sides.width}});
  }
  const auto bytes =
      graph_.input({.name = name, .type = OnnxType::uint8, .sides = {kBatch, sides.height, sides.width, channels}});
  return onnx::permute(graph_, onnx::cast(graph_, bytes, OnnxType::float32), {0, 3, 1, 2});
}

OnnxValue OnnxPictures::take(const std::string& name, int64_t channels, const Sides& sides) const {
  auto images = input(name, channels, sides);
  if (!raw_) images = onnx::minus(graph_, graph_.node("Div", {images, float_number(kHalfOfByte)}), float_number(1));
  return graph_.real() == OnnxType::float32 ? images : onnx::cast(graph_, images, graph_.real());
}

OnnxValue OnnxPictures::take_kinds(const std::string& name, int64_t kinds, const Sides& sides) const {
  const auto maps = input(name, raw_ ? kinds : 1, sides);
  if (raw_) return graph_.real() == OnnxType::float32 ? maps : onnx::cast(graph_, maps, graph_.real());
  const auto of_channels = graph_.constant_as_it_is(at::arange(kinds, at::kFloat).view({1, kinds, 1, 1}));
  return onnx::cast(graph_, graph_.node("Equal", {maps, of_channels}), graph_.real());
}

void OnnxPictures::give(const std::string& name, const OnnxValue& images, int64_t channels, const Sides& sides) const {
  const auto floats = graph_.real() == OnnxType::float32 ? images : onnx::cast(graph_, images, OnnxType::float32);
  if (raw_) {
    return graph_.output(
        {.name = name, .type = OnnxType::float32, .sides = {kBatch, channels, sides.height, sides.width}}, floats);
  }
  const auto black = float_number(-1);
  const auto numbers = graph_.node("Where", {graph_.node("IsNaN", {floats}), black, floats});
  const auto levels = onnx::times(graph_, onnx::plus(graph_, numbers, float_number(1)), float_number(kHalfOfByte));
  const auto within = graph_.node("Clip", {graph_.node("Round", {levels}), float_number(0), float_number(255)});
  graph_.output({.name = name, .type = OnnxType::uint8, .sides = {kBatch, sides.height, sides.width, channels}},
                onnx::permute(graph_, onnx::cast(graph_, within, OnnxType::uint8), {0, 2, 3, 1}));
}

}  // namespace forger
