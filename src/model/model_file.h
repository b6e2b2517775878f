#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/levels.h"
#include "core/shape.h"
#include "forger/config.h"
#include "model/safetensors.h"

namespace forger {

/// The encoder of a model that has one.
struct EncoderDescription {
  /// Its network; training options of it are not stored.
  EncoderOptions options;
  /// "kl" or "adversarial": with "kl" the first half of what it gives is the mean of the code.
  std::string codes = "kl";
};

/// The detector of a model that has one: the discriminators that it asks.
struct DetectorDescription {
  /// Its network; training options of it are not stored.
  DiscriminatorOptions discriminator;
  /// `PixelDiscriminatorOptions::width`; 0: it asks none.
  int64_t pixel_width = 0;
};

/// A model file: one `.safetensors` with weights, architecture and provenance (docs/model_file.md). Tensors are named
/// "generator.*" (averaged where the training averaged), beside averaged ones "raw_generator.*", and "encoder.*",
/// "discriminator.*", "pixel_discriminator.*", "detector.*".
struct ModelFile {
  /// What trained it: "generation" or "autoencoding".
  std::string task = "generation";
  /// Of autoencoding models.
  std::optional<EncoderDescription> encoder;
  /// Of autoencoding models that were asked for one.
  std::optional<DetectorDescription> detector;
  /// The generator's network; training options of it are not stored.
  GeneratorOptions generator;
  ImageShape shape;
  /// How 16-bit values became 8 bits in training.
  Levels levels;
  /// Empty unless class-conditional.
  std::vector<std::string> class_names;
  /// Where it comes from, for people.
  std::map<std::string, std::string> provenance;
  std::map<std::string, at::Tensor> tensors;

  int64_t classes() const { return static_cast<int64_t>(class_names.size()); }
};

/// Writes atomically.
void write_model(const std::filesystem::path& path, const ModelFile& model);

/// Reads and checks the container, the version, the description and that every number is finite. Whether the tensors
/// fit the architecture is checked by whoever builds it (`load_weights`). Throws Error naming the path.
ModelFile read_model(const std::filesystem::path& path);

}  // namespace forger
