#include <algorithm>
#include <cmath>
#include <limits>

#include "core/torch.h"
#include "games/rotations.h"
#include "image/blur.h"
#include "onnx/operations.h"
#include "tasks/detector.h"
#include "tasks/detector_constants.h"

// What detector.cpp computes, as nodes of an ONNX graph.

namespace forger {
namespace {

OnnxValue flipped(OnnxGraph& graph, const OnnxValue& images, int64_t axis) {
  constexpr auto kBeforeTheFirst = std::numeric_limits<int64_t>::min();
  return graph.node("Slice", {images, graph.integers({-1}), graph.integers({kBeforeTheFirst}), graph.integers({axis}),
                              graph.integers({-1})});
}

/// As `rotated`.
OnnxValue rotated(OnnxGraph& graph, const OnnxValue& images, const ImageShape& shape) {
  std::vector<OnnxValue> all;
  for (int64_t rotation = 0; rotation < kRotations; ++rotation) {
    auto part = images;
    if (rotation == 2) part = flipped(graph, flipped(graph, images, 2), 3);
    if (rotation % 2 == 1) {
      part = flipped(graph, onnx::permute(graph, images, {0, 1, 3, 2}), rotation == 1 ? 2 : 3);
      if (shape.height != shape.width) part = onnx::resize_bilinear(graph, part, shape.height, shape.width);
    }
    all.push_back(part);
  }
  return onnx::cat(graph, all, 0);
}

OnnxValue highest(OnnxGraph& graph, const OnnxValue& maps) {
  return onnx::reduce(graph, "ReduceMax", maps, {1, 2, 3}, false);
}

/// (`value` - `mean`) / `deviation`.
OnnxValue scaled(OnnxGraph& graph, const OnnxValue& value, double mean, double deviation) {
  return onnx::times(graph, onnx::minus(graph, value, graph.number(mean)), 1 / deviation);
}

}  // namespace

DetectedNodes Detector::detect(OnnxGraph& graph, const OnnxValue& images) const {
  graph.name_parts(*networks_.discriminator, "discriminator.");
  const auto places = places_.map(graph, images);
  auto all = places;
  if (map_scales_.defined()) {
    graph.name_parts(*networks_.pixel_discriminator, "pixel_discriminator.");
    const auto* scales = map_scales_.const_data_ptr<double>();
    const auto answers = networks_.pixel_discriminator->to_onnx(graph, images);
    const auto opinions = onnx::filtered(graph, answers, blur_matrix(shape_.height, kOpinionSigma),
                                         blur_matrix(shape_.width, kOpinionSigma));
    const auto sum =
        onnx::plus(graph, onnx::times(graph, places, 1 / scales[0]), onnx::times(graph, opinions, scales[1]));
    all = scaled(graph, sum, scales[2], scales[3]);
  }
  std::vector<OnnxValue> parts = {remoteness(graph, images)};
  if (networks_.discriminator->names_rotations()) parts.push_back(unsureness(graph, images));
  parts.push_back(highest(graph, places));
  for (auto& part : parts) part = graph.node("Log", {graph.node("Max", {part, graph.number(kLeast)})});
  if (map_scales_.defined()) parts.push_back(highest(graph, all));

  const auto means = scales_[0].contiguous(), deviations = scales_[1].contiguous();
  const auto of_part = [&](size_t number, const OnnxValue& value) {
    const auto* mean = means.const_data_ptr<double>() + number;
    return scaled(graph, value, *mean, deviations.const_data_ptr<double>()[number]);
  };
  const auto whole = static_cast<size_t>(parts_of_whole());
  OnnxValue sum_of_whole, sum_of_peaks;
  for (size_t i = 0; i < parts.size(); ++i) {
    auto& sum = i < whole ? sum_of_whole : sum_of_peaks;
    const auto part = of_part(i, parts[i]);
    sum = sum ? onnx::plus(graph, sum, part) : part;
  }
  const auto combined =
      graph.node("Max", {onnx::times(graph, sum_of_whole, 1 / std::sqrt(static_cast<double>(whole))),
                         onnx::times(graph, sum_of_peaks, 1 / static_cast<double>(parts.size() - whole))});
  const auto scores = of_part(parts.size(), combined);
  return {.scores = scores, .p_normal = scores_->p_normal(graph, scores), .maps = all};
}

OnnxValue Detector::unsureness(OnnxGraph& graph, const OnnxValue& images) const {
  const auto answers = networks_.discriminator->rotations(graph, rotated(graph, images, shape_));
  const auto by_rotation = onnx::reshape(graph, answers, {kRotations, -1, kRotations});
  const auto certain = graph.node("LogSoftmax", {by_rotation}, {{"axis", int64_t{-1}}});
  const auto right = onnx::times(graph, certain, graph.constant(at::eye(kRotations).unsqueeze(1)));
  return onnx::times(graph, onnx::reduce(graph, "ReduceSum", right, {0, 2}, false), -1.0 / kRotations);
}

OnnxValue Detector::remoteness(OnnxGraph& graph, const OnnxValue& images) const {
  const auto small_side = [](int64_t side) { return std::min(side, kSmallSide); };
  const auto pooled = onnx::filtered(graph, images, pooling_matrix(small_side(shape_.height), shape_.height),
                                     pooling_matrix(small_side(shape_.width), shape_.width));
  const auto rows = graph.node("Flatten", {pooled}, {{"axis", int64_t{1}}});
  const auto flat = graph.constant(flat_);
  const auto products = onnx::matmul(graph, rows, graph.constant(flat_.t().contiguous()));
  const auto lengths = onnx::reduce(graph, "ReduceSum", onnx::times(graph, rows, rows), {1}, true);
  const auto roughly =
      onnx::plus(graph, onnx::plus(graph, lengths, graph.constant(norms_)), onnx::times(graph, products, -2));
  const auto lowest = [&](const OnnxValue& from, int64_t count) {
    return graph.node_of_several(2, "TopK", {from, graph.integers({std::min(count, flat_.size(0))})},
                                 {{"axis", int64_t{1}}, {"largest", int64_t{0}}});
  };
  const auto found = onnx::index_select(graph, flat, 0, lowest(roughly, kCandidates)[1]);
  const auto differences = onnx::minus(graph, found, onnx::unsqueeze(graph, rows, {1}));
  const auto distances = onnx::reduce(graph, "ReduceL2", differences, {2}, false);
  return onnx::reduce(graph, "ReduceMean", lowest(distances, kNearest)[0], {1}, false);
}

}  // namespace forger
