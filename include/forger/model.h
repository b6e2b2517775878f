#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace forger {

/// How to draw samples.
struct SampleOptions {
  uint64_t seed = 1;
  /// Class to draw, or -1 for all classes in turn. Only for class-conditional models.
  int64_t class_number = -1;
  /// Above 0: normal latents beyond it are drawn again, uniform ones shrunk to it. Less variety, fewer failures.
  double truncation = 0;
  /// Walks from one latent to the next in 8 steps instead of drawing each by itself.
  bool interpolate = false;
  /// Uses the last weights instead of the averaged (EMA) ones.
  bool raw = false;
};

/// What a model file says about itself.
struct ModelInfo {
  /// "generation".
  std::string task;
  int64_t height_px = 0;
  int64_t width_px = 0;
  int64_t channels = 0;
  int64_t latent_size = 0;
  /// Empty unless class-conditional.
  std::vector<std::string> class_names;
  /// Number of weights of the network that samples.
  int64_t weights = 0;
  /// Whether the file also holds the raw weights beside the averaged ones.
  bool has_raw = false;
  /// Where it comes from, for people: recipe, data, steps, images, seed, versions, time.
  std::map<std::string, std::string> provenance;
};

/// A trained model, loaded to be used. Not to be shared between threads without a lock.
class Model {
 public:
  /// Reads a model file, or the model file of a run folder. `device`: "auto", "cpu", "cuda" or "cuda:N". Throws Error
  /// that says which part of the file is wrong: magic, length, tensor name, shape, dtype, values, version.
  static Model load(const std::filesystem::path& path, const std::string& device = "auto");

  const ModelInfo& info() const;

  /// Draws `count` images: float32 `[count, channels, height, width]` in [-1, 1] (points: `[count, 2, 1, 1]`), on the
  /// CPU. The same options give the same images. Throws Error when the model has no such class.
  at::Tensor sample(int64_t count, const SampleOptions& options = {}) const;

  /// The same as pixels: uint8 `[count, channels, height, width]`.
  at::Tensor sample_pixels(int64_t count, const SampleOptions& options = {}) const;

  /// The images of given latents `[N, latent_size]`, float32 as from `sample`. `labels`: int64 `[N]` for
  /// class-conditional models.
  at::Tensor generate(const at::Tensor& latent, const at::Tensor& labels = {}, bool raw = false) const;

 private:
  struct Implementation;
  explicit Model(std::shared_ptr<Implementation> implementation) : implementation_(std::move(implementation)) {}
  std::shared_ptr<Implementation> implementation_;
};

}  // namespace forger
