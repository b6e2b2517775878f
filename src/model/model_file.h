#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "core/levels.h"
#include "core/shape.h"
#include "model/model_part.h"
#include "model/safetensors.h"

namespace forger {

/// A model file: one `.safetensors` with weights, architecture and provenance (docs/model_file.md).
struct ModelFile {
  /// What trained it, as Config::game.
  std::string game = "generation";
  std::vector<ModelPart> parts;
  /// Of the images that it makes; no sides where it makes images of any size.
  ImageShape shape;
  /// Of what it makes them from; no numbers where that is latents.
  ImageShape source_shape;
  /// Above 0: these are label maps of so many kinds, in one channel.
  int64_t source_kinds = 0;
  /// How 16-bit values became 8 bits in training.
  Levels levels;
  /// Empty unless class-conditional.
  std::vector<std::string> class_names;
  /// Where it comes from, for people.
  std::map<std::string, std::string> provenance;
  /// "ROLE.*" of each part (averaged weights where the training averaged), and "raw_ROLE.*".
  std::map<std::string, at::Tensor> tensors;

  int64_t classes() const { return static_cast<int64_t>(class_names.size()); }
  /// The part of that role, or null.
  const ModelPart* part(const std::string& role) const;
};

/// Writes atomically.
void write_model(const std::filesystem::path& path, const ModelFile& model);

/// Reads and checks the container, the version, the description and that every number is finite. Whether the tensors
/// fit the architecture is checked by whoever builds it (`load_weights`). Throws Error naming the path.
ModelFile read_model(const std::filesystem::path& path);

/// The same of a container that was read from the file `name`.
ModelFile model_in(TensorFile file, const std::string& name);

}  // namespace forger
