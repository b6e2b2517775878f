#pragma once

#include <ATen/core/Tensor.h>

#include "onnx/graph.h"

namespace forger {

/// How rare a score is among normal images, known from normal images that nothing was learnt from.
class Calibration {
 public:
  /// `scores` `[n]` float, any order, n at least 1, larger: stranger. Throws Error when there is none or one is not
  /// finite.
  explicit Calibration(const at::Tensor& scores);

  /// The share of normal images that score as high or higher, in (0, 1]: (1 + those seen) / (1 + n), and beyond the
  /// highest score seen an exponential tail, so that it falls on, to a millionth of what was seen.
  double p_normal(double score) const;
  /// The same of scores float32 `[N]` in an ONNX graph.
  OnnxValue p_normal(OnnxGraph& graph, const OnnxValue& scores) const;
  /// The score that this share of normal images exceeds, 0 < `false_alarms` < 1.
  double threshold(double false_alarms) const;
  /// The score that the highest of `count` normal scores counts as beside single ones. It is lower by as much as what 1
  /// % of normal images exceed is higher for the highest of so many (Šidák's correction), so that a threshold holds for
  /// both.
  double highest_of(int64_t count, double score) const;
  /// float32 `[n]`, ascending: what another object is made from.
  const at::Tensor& scores() const { return scores_; }

 private:
  double at(int64_t index) const;

  at::Tensor scores_;
  double decay_ = 1;  ///< of the tail: the mean by which the highest tenth exceeds where it begins
};

}  // namespace forger
