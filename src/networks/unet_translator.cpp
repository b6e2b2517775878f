#include "networks/unet_translator.h"

#include "core/fail.h"
#include "core/torch.h"
#include "networks/sizes.h"
#include "onnx/operations.h"

namespace forger {

UnetTranslator::UnetTranslator(const TranslatorOptions& options, int64_t channels_in, int64_t channels_out,
                               const at::Generator& random)
    : Translator(options) {
  const auto channels_at = [&](int64_t level) { return level_channels(options.width, options.max_width, level - 1); };
  for (int64_t i = 1; i <= options.depth; ++i) {
    const bool is_first = i == 1, is_last = i == options.depth;
    const int64_t outer_in = is_first ? channels_in : channels_at(i - 1), inner = channels_at(i);
    const int64_t outer_out = is_first ? channels_out : channels_at(i - 1);
    const ConvolutionOptions halving{.inputs = outer_in, .outputs = inner, .kernel = 4, .stride = 2};
    Level level;
    level.down = add_convolution(fmt::format("down{}", i), halving, !is_first && !is_last, random);
    level.down_norm = add_norm(fmt::format("down_norm{}", i), inner, !is_first && !is_last, random);
    level.up = add_doubling(fmt::format("up{}", i), is_last ? inner : 2 * inner, outer_out, !is_first, random);
    level.up_norm = add_norm(fmt::format("up_norm{}", i), outer_out, !is_first, random);
    const bool drops = !is_first && !is_last && i >= options.depth - options.dropout_levels;
    level.dropout = add_dropout(fmt::format("dropout{}", i), drops);
    levels_.push_back(level);
  }
}

at::Tensor UnetTranslator::answer(const at::Tensor& images) {
  // What a level gave is rectified in place for the next one: a doubling takes of it what is positive.
  std::vector<at::Tensor> grids = {images};
  for (const auto& level : levels_) {
    const auto given = (*level.down_norm)((*level.down)(grids.back()));
    const bool is_last = grids.size() == levels_.size();
    grids.push_back(is_last ? relu_in_place(given) : leaky_relu_in_place(given));
  }
  auto grid = grids.back();
  for (size_t i = levels_.size(); i > 0; --i) {
    const auto& level = levels_[i - 1];
    if (i < levels_.size()) grid = relu_in_place(at::cat({grids[i], grid}, 1));
    grid = (*level.dropout)((*level.up_norm)((*level.up)(grid)));
  }
  return grid;
}

OnnxValue UnetTranslator::answer(OnnxGraph& graph, const OnnxValue& images) {
  std::vector<OnnxValue> grids = {images};
  for (const auto& level : levels_) {
    const auto given = level.down_norm->to_onnx(graph, level.down->to_onnx(graph, grids.back()));
    const bool is_last = grids.size() == levels_.size();
    grids.push_back(is_last ? onnx::relu(graph, given) : onnx::leaky_relu(graph, given, kLeakySlope));
  }
  auto grid = grids.back();
  for (size_t i = levels_.size(); i > 0; --i) {
    const auto& level = levels_[i - 1];
    if (i < levels_.size()) grid = onnx::relu(graph, onnx::cat(graph, {grids[i], grid}, 1));
    grid = level.dropout->to_onnx(graph, level.up_norm->to_onnx(graph, level.up->to_onnx(graph, grid)));
  }
  return grid;
}

RowRange UnetTranslator::seen_by(RowRange rows) const {
  for (size_t i = 0; i < levels_.size(); ++i) rows = rows.widened(1).before_enlarging(2);
  for (size_t i = 0; i < levels_.size(); ++i) rows = {2 * rows.first - 1, 2 * rows.last + 2};
  return rows;
}

}  // namespace forger
