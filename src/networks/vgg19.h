#pragma once

#include <ATen/core/Tensor.h>

#include <map>
#include <string>
#include <vector>

namespace forger {

/// The convolutions of VGG-19 (Simonyan & Zisserman 2015, arXiv 1409.1556) up to the last one, conv5_4, without the
/// activation behind it: what ESRGAN's perceptual loss compares pictures in (Wang et al. 2018, arXiv 1809.00219).
/// Fixed: gradients pass through it to the pictures alone.
class Vgg19 {
 public:
  /// The fewest pixels a side: the pictures are halved four times.
  static constexpr int64_t kLeastSide = 16;

  /// `weights` by torchvision's names, float32: "features.0.weight" … "features.34.bias"; the classifier's are left
  /// alone. The numbers of channels follow from the shapes. Throws Error with the bare reason: names that are missing
  /// or not understood, all listed, shapes that do not fit, NaN or infinity.
  Vgg19(const std::map<std::string, at::Tensor>& weights, c10::Device device);

  /// `[N, C', H / 16, W / 16]` of images `[N, C, H, W]` in [-1, 1] with one channel (grey) or three (RGB), which become
  /// what the network was trained on: [0, 1] less ImageNet's mean, over its deviation.
  at::Tensor features(const at::Tensor& images) const;

 private:
  struct Layer {
    at::Tensor weight, bias;
  };
  std::vector<Layer> layers_;
  at::Tensor mean_, deviation_;
};

}  // namespace forger
