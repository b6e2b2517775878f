#pragma once

#include <ATen/core/Tensor.h>

#include "onnx/graph.h"
#include "tasks/calibration.h"

namespace forger {

/// What a detector says of a batch.
struct Detected {
  at::Tensor scores;  ///< float64 `[N]`: mean 0 and standard deviation 1 for normal images, higher: stranger
  at::Tensor maps;    ///< float32 `[N, 1, H, W]`: the same for each pixel
};

/// The same as nodes of an ONNX graph, in float32, and for each image the share of normal ones that score so high.
struct DetectedNodes {
  OnnxValue scores, p_normal, maps;
};

/// Tells whether images are like the normal ones that a model was trained on, wherever it is computed.
class AnomalyDetector {
 public:
  virtual ~AnomalyDetector() = default;
  /// Of images `[N, C, H, W]` in [-1, 1]. `in_float32`: also where the hardware is fast at bfloat16.
  virtual Detected detect(const at::Tensor& images, bool in_float32 = false) const = 0;
  virtual DetectedNodes detect(OnnxGraph& graph, const OnnxValue& images) const = 0;
  /// Of scores, and of the highest value in an image's map.
  virtual const Calibration& scores() const = 0;
  virtual const Calibration& peaks() const = 0;
};

}  // namespace forger
