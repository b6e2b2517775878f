#pragma once

#include <memory>
#include <string>

#include "forger/model.h"
#include "model/model_file.h"
#include "networks/network.h"
#include "tasks/detector.h"

namespace forger {

/// A loaded model's networks; null where it has none. What is done with them stands in model_sample.cpp,
/// model_reconstruct.cpp and model_detect.cpp.
struct Model::Implementation {
  ModelInfo info;
  ModelFile file;  // without its tensors
  c10::Device device = c10::kCPU;
  /// The generator's architecture.
  GeneratorOptions latents;
  std::shared_ptr<LatentGenerator> generator, raw_generator;
  std::shared_ptr<Encoder> encoder;
  std::shared_ptr<const Detector> detector;

  /// Throw Error, beginning with `what` and naming what the model can do, where it lacks the part.
  LatentGenerator& need_generator(const char* what, bool raw = false) const;
  const Detector& need_detector(const char* what) const;
  /// Throws Error unless images are `[N, channels, height, width]` of the model's.
  void expect_images(const char* what, const at::Tensor& images) const;
};

/// A file's generator for latents with the tensors "PREFIX.*", its encoder, its detector; null where it has none. Throw
/// Error naming `source`.
std::shared_ptr<LatentGenerator> load_generator(const ModelFile& file, const std::string& prefix,
                                                const std::string& source, c10::Device device);
std::shared_ptr<Encoder> load_encoder(const ModelFile& file, const std::string& source, c10::Device device);
std::shared_ptr<const Detector> load_detector(const ModelFile& file, const std::string& source, c10::Device device);

}  // namespace forger
