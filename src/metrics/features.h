#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

namespace forger {

/// Turns images into vectors in which likeness is measured. May be called from one thread at a time.
class FeatureNet {
 public:
  virtual ~FeatureNet() = default;

  /// For people, e.g. "patch features (Coates 2011), 256".
  virtual std::string name() const = 0;
  /// Eight hex digits (CRC-32C) of the weights' file, or of the images and the seed that the network learnt from:
  /// distances compare only where it is the same.
  virtual std::string hash() const = 0;
  /// Numbers in a vector.
  virtual int64_t size() const = 0;

  /// float32 `[N, size()]` of float images `[N, C, H, W]` in [-1, 1] (points `[N, 2, 1, 1]`: as they are), on the CPU,
  /// worked through in small batches. Throws Error when the images have another shape than the network takes.
  virtual at::Tensor features(const at::Tensor& images) const = 0;
};

/// Of fewer images, features would be chance.
inline constexpr int64_t kLeastLearningImages = 16;

/// Learns features from images alone, in about a second: whitened patches, k-means as filters, "triangle" activation,
/// pooled over quadrants, beside a grid of mean colours, then the leading principal components (at most 256, and N /
/// 4) divided by the fourth root of their variance, scaled so that E|x|^2 = size() on `images` with the mean removed
/// (Coates, Lee & Ng 2011). Images above 48 pixels a side are looked at twice, in detail and as thumbnails. `images`:
/// `[N, C, H, W]` in [-1, 1], N >= `kLeastLearningImages`; beyond 2,000 they are thinned out. For points: random
/// Fourier features of many bandwidths, from the nearest-neighbour distance to the spread of the data (Rahimi & Recht
/// 2007). The same images and seed give the same network. Of images that are all equal, nothing is learnt: their
/// features are the activations as they are. Throws Error when the images are too few or not finite.
std::shared_ptr<const FeatureNet> learn_features(const at::Tensor& images, uint64_t seed);

/// The Inception network of FID: from its weights as `.safetensors` (metrics/inception_network.h), or from a
/// TorchScript file, called as `module(uint8 [N, 3, H, W])`, with `return_features = True` where it takes that, as
/// StyleGAN's does (the answer there: `[N, 2048]`; any `[N, d]` will do). It does its own resizing. Images of 1 channel
/// are repeated to 3. Throws Error naming the file.
std::shared_ptr<const FeatureNet> load_inception(const std::filesystem::path& path);

}  // namespace forger
