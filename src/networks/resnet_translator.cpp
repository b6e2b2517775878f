#include "networks/resnet_translator.h"

#include "core/fail.h"
#include "core/torch.h"
#include "networks/sizes.h"

namespace forger {
namespace {

constexpr int64_t kResnetOuterKernel = 7, kResnetHalvings = 2;

at::Tensor mirrored_around(const at::Tensor& grid, int64_t px) { return at::reflection_pad2d(grid, {px, px, px, px}); }

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
  const auto through = [](const auto& step, const at::Tensor& grid) { return (*step.norm)((*step.convolution)(grid)); };
  auto grid = relu_in_place(through(first_, mirrored_around(images, kResnetOuterKernel / 2)));
  for (const auto& halving : halvings_) grid = relu_in_place(through(halving, grid));
  for (const auto& block : blocks_) {
    const auto half = (*block.dropout)(relu_in_place(through(block.first, mirrored_around(grid, 1))));
    grid = grid + through(block.second, mirrored_around(half, 1));
  }
  for (const auto& doubling : doublings_) grid = relu_in_place(through(doubling, grid));
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
