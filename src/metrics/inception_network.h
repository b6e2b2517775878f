#pragma once

#include <ATen/core/Tensor.h>

#include <map>
#include <string>
#include <vector>

namespace forger {

/// The Inception network of FID (Szegedy et al. 2016, arXiv 1512.00567, in the variant of 2015-12-05 that Heusel et al.
/// 2017 took over from TensorFlow), by the names that PyTorch's ports of its weights have
/// ("Mixed_5b.branch1x1.conv.weight" …).
class InceptionNetwork {
 public:
  /// The tensors that it takes, by name, and their sizes.
  static std::map<std::string, std::vector<int64_t>> needed();

  /// `tensors`: a file's; those that features do not need (the classifier, counters) are left alone. Throws Error
  /// naming the first that is missing or of another shape.
  explicit InceptionNetwork(const std::map<std::string, at::Tensor>& tensors);

  /// float32 `[N, 2048]` of uint8 `[N, 3, H, W]`: enlarged as TensorFlow 1 does (bilinear, corners aligned to the upper
  /// left), then the last pooling.
  at::Tensor features(const at::Tensor& bytes) const;

 private:
  /// One convolution with its batch normalisation folded in.
  struct Layer {
    at::Tensor weight, bias;
  };
  at::Tensor convolve(const at::Tensor& x, const std::string& name, int64_t stride = 1, int64_t pad_y = 0,
                      int64_t pad_x = 0) const;
  at::Tensor block_a(const at::Tensor& x, const std::string& name) const;
  at::Tensor block_b(const at::Tensor& x, const std::string& name) const;
  at::Tensor block_c(const at::Tensor& x, const std::string& name) const;
  at::Tensor block_d(const at::Tensor& x, const std::string& name) const;
  at::Tensor block_e(const at::Tensor& x, const std::string& name, bool largest) const;

  std::map<std::string, Layer> layers_;
};

}  // namespace forger
