#include "networks/resnet_translator.h"

#include "core/fail.h"
#include "core/torch.h"
#include "networks/sizes.h"
#include "onnx/operations.h"

namespace forger {
namespace {

constexpr int64_t kResnetOuterKernel = 7, kResnetHalvings = 2;

template <class Step>
at::Tensor passed(const Step& step, const at::Tensor& grid) {
  return (*step.norm)((*step.convolution)(grid));
}

at::Tensor mirrored_around(const at::Tensor& grid, int64_t px) { return at::reflection_pad2d(grid, {px, px, px, px}); }

/// The same in an ONNX graph.
template <class Step>
OnnxValue passed(OnnxGraph& graph, const Step& step, const OnnxValue& grid) {
  return step.norm->to_onnx(graph, step.convolution->to_onnx(graph, grid));
}

OnnxValue mirrored_around(OnnxGraph& graph, const OnnxValue& grid, int64_t px) {
  return onnx::pad(graph, grid, "reflect", {0, 0, px, px}, {0, 0, px, px});
}

}  // namespace

ResnetTranslator::Step<Convolution> ResnetTranslator::add_step(const std::string& name, const ConvolutionOptions& layer,
                                                               const at::Generator& random) {
  return {add_convolution(name, layer, true, random), add_norm(name + "_norm", layer.outputs, true, random)};
}

ResnetTranslator::ResnetTranslator(const TranslatorOptions& options, int64_t channels_in, int64_t channels_out,
                                   const at::Generator& random)
    : Translator(options) {
  const auto channels_at = [&](int64_t level) { return level_channels(options.width, options.max_width, level); };
  const ConvolutionOptions outer{.kernel = kResnetOuterKernel, .padding = 0};
  auto first = outer, last = outer;
  first.inputs = channels_in;
  first.outputs = last.inputs = channels_at(0);
  last.outputs = channels_out;
  first_ = add_step("first", first, random);
  for (int64_t i = 1; i <= kResnetHalvings; ++i) {
    const ConvolutionOptions halving{.inputs = channels_at(i - 1), .outputs = channels_at(i), .stride = 2};
    halvings_.push_back(add_step(fmt::format("down{}", i), halving, random));
  }
  const int64_t inner = channels_at(kResnetHalvings);
  for (int64_t i = 1; i <= options.blocks; ++i) {
    const ConvolutionOptions layer{.inputs = inner, .outputs = inner, .padding = 0};
    blocks_.push_back({.first = add_step(fmt::format("block{}a", i), layer, random),
                       .second = add_step(fmt::format("block{}b", i), layer, random),
                       .dropout = add_dropout(fmt::format("block{}_dropout", i), true)});
  }
  for (int64_t i = kResnetHalvings; i > 0; --i) {
    const auto name = fmt::format("up{}", i);
    doublings_.push_back({add_doubling(name, channels_at(i), channels_at(i - 1), true, random),
                          add_norm(name + "_norm", channels_at(i - 1), true, random)});
  }
  last_ = add_convolution("last", last, false, random);
}

at::Tensor ResnetTranslator::answer(const at::Tensor& images) {
  std::vector<at::Tensor> levels;
  return way_out(way_in(images, levels));
}

MadeWithLevels ResnetTranslator::forward_with_levels(const at::Tensor& images) {
  MadeWithLevels made;
  const auto grid = way_in(filled(images), made.levels);
  made.images = finished(way_out(grid), images);
  return made;
}

std::vector<at::Tensor> ResnetTranslator::levels(const at::Tensor& images) {
  std::vector<at::Tensor> levels;
  way_in(filled(images), levels);
  return levels;
}

at::Tensor ResnetTranslator::through(Block& block, const at::Tensor& grid) {
  const auto half = (*block.dropout)(relu_in_place(passed(block.first, mirrored_around(grid, 1))));
  return grid + passed(block.second, mirrored_around(half, 1));
}

OnnxValue ResnetTranslator::through(OnnxGraph& graph, const Block& block, const OnnxValue& grid) const {
  const auto first = passed(graph, block.first, mirrored_around(graph, grid, 1));
  const auto half = block.dropout->to_onnx(graph, onnx::relu(graph, first));
  return onnx::plus(graph, grid, passed(graph, block.second, mirrored_around(graph, half, 1)));
}

OnnxValue ResnetTranslator::answer(OnnxGraph& graph, const OnnxValue& images) {
  constexpr int64_t kAround = kResnetOuterKernel / 2;
  auto grid = onnx::relu(graph, passed(graph, first_, mirrored_around(graph, images, kAround)));
  for (const auto& halving : halvings_) grid = onnx::relu(graph, passed(graph, halving, grid));
  for (const auto& block : blocks_) grid = through(graph, block, grid);
  for (const auto& doubling : doublings_) grid = onnx::relu(graph, passed(graph, doubling, grid));
  return last_->to_onnx(graph, mirrored_around(graph, grid, kAround));
}

at::Tensor ResnetTranslator::way_in(const at::Tensor& images, std::vector<at::Tensor>& levels) {
  levels = {images};
  auto grid = relu_in_place(passed(first_, mirrored_around(images, kResnetOuterKernel / 2)));
  for (const auto& halving : halvings_) {
    levels.push_back((*halving.convolution)(grid));
    grid = relu_in_place((*halving.norm)(levels.back()));
  }
  for (size_t i = 0; i < middle_block(); ++i) {
    grid = through(blocks_[i], grid);
    if (i == 0 && middle_block() > 1) levels.push_back(grid);
  }
  levels.push_back(grid);
  return grid;
}

at::Tensor ResnetTranslator::way_out(at::Tensor grid) {
  for (size_t i = middle_block(); i < blocks_.size(); ++i) grid = through(blocks_[i], grid);
  for (const auto& doubling : doublings_) grid = relu_in_place(passed(doubling, grid));
  return (*last_)(mirrored_around(grid, kResnetOuterKernel / 2));
}

RowRange ResnetTranslator::seen_by(RowRange rows) const {
  rows = rows.widened(kResnetOuterKernel / 2);
  for (size_t i = 0; i < doublings_.size(); ++i) rows = rows.widened(1).before_enlarging(2);
  rows = rows.widened(2 * static_cast<int64_t>(blocks_.size()));
  for (size_t i = 0; i < halvings_.size(); ++i) rows = {2 * rows.first - 1, 2 * rows.last + 1};
  return rows.widened(kResnetOuterKernel / 2);
}

}  // namespace forger
