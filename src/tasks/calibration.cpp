#include "tasks/calibration.h"

#include <algorithm>
#include <cmath>

#include "core/fail.h"
#include "core/torch.h"
#include "onnx/operations.h"

namespace forger {
namespace {

constexpr double kTail = 0.1;
/// A tail of equal scores would fall like a cliff.
constexpr double kLeastDecay = 1e-6;
/// How much rarer than the rarest that was seen the tail may call a score: farther out nobody knows its shape.
constexpr double kRarest = 1e-6;
/// The rate at which the highest of several scores and a single one are made equal.
constexpr double kUsualRate = 0.01;

}  // namespace

Calibration::Calibration(const at::Tensor& scores) : scores_(std::get<0>(scores.to(at::kFloat).flatten().sort())) {
  const int64_t count = scores_.numel();
  if (count == 0) fail("calibration: received no scores of normal images, accepted: at least 1");
  if (!scores_.isfinite().all().item<bool>()) fail("calibration: received a score that is not finite");
  const auto tail = std::max<int64_t>(static_cast<int64_t>(kTail * static_cast<double>(count)), 1);
  const auto highest = scores_.narrow(0, count - tail, tail).to(at::kDouble);
  decay_ = std::max((highest - at(std::max<int64_t>(count - tail - 1, 0))).mean().item<double>(), kLeastDecay);
}

double Calibration::at(int64_t index) const { return static_cast<double>(scores_.const_data_ptr<float>()[index]); }

double Calibration::p_normal(double score) const {
  const int64_t count = scores_.numel();
  const double rarest = 1 / static_cast<double>(count + 1);
  if (std::isnan(score)) return rarest;
  if (score > at(count - 1)) return rarest * std::max(std::exp((at(count - 1) - score) / decay_), kRarest);
  const float* first = scores_.const_data_ptr<float>();
  const auto below = std::lower_bound(first, first + count, static_cast<float>(score)) - first;
  return static_cast<double>(1 + count - below) * rarest;
}

OnnxValue Calibration::p_normal(OnnxGraph& graph, const OnnxValue& scores) const {
  const int64_t count = scores_.numel();
  const double highest = at(count - 1), rarest = 1 / static_cast<double>(count + 1);
  const auto seen = graph.constant(scores_), column = onnx::unsqueeze(graph, scores, {1});
  const auto below = onnx::cast(graph, graph.node("Less", {seen, column}), OnnxType::float32);
  const auto reached = onnx::minus(graph, graph.number(static_cast<double>(1 + count)),
                                   onnx::reduce(graph, "ReduceSum", below, {1}, false));
  const auto excess = onnx::minus(graph, graph.number(highest), scores);
  const auto tail = graph.node("Exp", {onnx::times(graph, excess, 1 / decay_)});
  const auto beyond = graph.node("Max", {tail, graph.number(kRarest)});
  const auto is_beyond = graph.node("Greater", {scores, graph.number(highest)});
  const auto share = onnx::times(graph, graph.node("Where", {is_beyond, beyond, reached}), rarest);
  return graph.node("Where", {graph.node("IsNaN", {scores}), graph.number(rarest), share});
}

double Calibration::threshold(double false_alarms) const {
  const int64_t count = scores_.numel();
  const double accepted = false_alarms * static_cast<double>(count + 1);
  if (accepted < 1) return at(count - 1) - decay_ * std::log(accepted);
  // p_normal(score) <= false_alarms holds for scores that at most `accepted - 1` of those seen reach.
  const auto seen = std::min(static_cast<int64_t>(accepted + 1e-9) - 1, count - 1);
  return at(count - 1 - seen);
}

double Calibration::highest_of(int64_t count, double score) const {
  const double rate_of_each = -std::expm1(std::log1p(-kUsualRate) / static_cast<double>(count));
  return score - (threshold(rate_of_each) - threshold(kUsualRate));
}

}  // namespace forger
