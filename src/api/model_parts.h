#pragma once

#include <memory>
#include <string>

#include "forger/model.h"
#include "model/model_file.h"
#include "networks/network.h"
#include "tasks/anomaly_detector.h"

namespace forger {

/// A loaded model's networks; null where it has none. What is done with them stands in model_sample.cpp,
/// model_reconstruct.cpp, model_detect.cpp and picture_upscaler.cpp.
struct Model::Implementation {
  ModelInfo info;
  ModelFile file;  // without its tensors
  c10::Device device = c10::kCPU;
  /// The generator's architecture.
  GeneratorOptions latents;
  std::shared_ptr<LatentGenerator> generator, raw_generator;
  std::shared_ptr<Encoder> encoder;
  std::shared_ptr<const AnomalyDetector> detector;
  std::shared_ptr<ImageGenerator> upscaler, translator, translator_back;
  /// Principal directions, as many as were asked for so far.
  at::Tensor directions;

  /// Throw Error, beginning with `what` and naming what the model can do, where it lacks the part.
  LatentGenerator& need_generator(const char* what, bool raw = false) const;
  const AnomalyDetector& need_detector(const char* what) const;
  std::shared_ptr<ImageGenerator> need_upscaler(const char* what) const;
  /// Also where it does not go that way; empty: its first one.
  std::shared_ptr<ImageGenerator> need_translator(const char* what, const std::string& direction) const;
  /// Whether that is the other way than `file.source_shape` to `file.shape`.
  bool is_back(const std::string& direction) const {
    return info.directions.size() > 1 && direction == info.directions[1];
  }
  /// Throws Error unless images are `[N, channels, height, width]` of the model's.
  void expect_images(const char* what, const at::Tensor& images) const;
};

/// Fills the networks from the file's parts and tensors. Throws Error naming `source` and the tensor that does not fit.
void load_parts(Model::Implementation& model, const std::string& source);

}  // namespace forger
