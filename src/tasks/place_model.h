#pragma once

#include <ATen/core/Tensor.h>

#include <array>
#include <cstdint>
#include <map>
#include <string>

#include "onnx/graph.h"

namespace forger {

/// What normal images look like place by place, as a Gaussian of numbers at each place (the way of PaDiM, Defard et al.
/// 2020, arXiv 2011.08785, without a downloaded network's features). Two views of each place:
/// - detail: the local colour, and the energy of three bands of detail. Energies make it two-sided: a smooth patch in a
///   rough texture is as strange as a scratch in a smooth one;
/// - patch: the grey levels around it, for thin and for large things on images that lie alike.
class PlaceModel {
 public:
  /// Ready to `see` images of this size.
  PlaceModel(int64_t height, int64_t width);
  /// As learnt before; throws Error when a tensor of `state` is missing or of another shape.
  PlaceModel(int64_t channels, int64_t height, int64_t width, const std::map<std::string, at::Tensor>& state);

  /// Learns from normal images `[N, C, H, W]` in [-1, 1].
  void see(const at::Tensor& images);
  /// After the last of them; throws Error with fewer than two images.
  void finish_learning();
  /// Learns what is usual among the distances of normal images that were not seen before.
  void calibrate(const at::Tensor& images);
  /// After the last of them; throws Error with none.
  void finish_calibration();

  /// How strange each pixel is, float32 `[N, 1, H, W]`, 0 or more: in each view standard deviations above the mean of
  /// normal images at that place, and the root of their sum of squares.
  at::Tensor map(const at::Tensor& images) const;
  /// The same in an ONNX graph.
  OnnxValue map(OnnxGraph& graph, const OnnxValue& images) const;

  /// What the second constructor takes.
  std::map<std::string, at::Tensor> state() const;

 private:
  enum View { detail, patch };
  static constexpr std::array<const char*, 2> kViews = {"detail", "patch"};

  /// One view's Gaussians; P places of S numbers each.
  struct Gaussians {
    at::Tensor sums, products;      ///< float64 [P, S] and [P, S, S], while it learns
    at::Tensor means, whitening;    ///< float32 [P, S] and [P, S, S]: distance = |whitening (x - mean)|
    at::Tensor distances, squares;  ///< float64 [P], summed while it is calibrated
    at::Tensor usual;               ///< float32 [2, P]: mean and deviation of distances
  };

  at::Tensor statistics(View view, const at::Tensor& images) const;  ///< [P, S, N]
  at::Tensor distances(View view, const at::Tensor& images) const;   ///< [P, N]
  OnnxValue statistics(OnnxGraph& graph, View view, const OnnxValue& images) const;
  OnnxValue distances(OnnxGraph& graph, View view, const OnnxValue& images) const;
  int64_t rows() const { return (height_ + 1) / 2; }
  int64_t columns() const { return (width_ + 1) / 2; }

  int64_t height_, width_, window_;
  int64_t seen_ = 0, calibrated_ = 0;
  std::array<Gaussians, kViews.size()> gaussians_;
};

/// A tensor of a detector's state; throws Error when it is missing.
const at::Tensor& state_tensor(const std::map<std::string, at::Tensor>& state, const std::string& name);

}  // namespace forger
