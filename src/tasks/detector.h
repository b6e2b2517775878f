#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "core/shape.h"
#include "model/model_file.h"
#include "networks/network.h"
#include "networks/pixel_discriminator.h"
#include "tasks/anomaly_detector.h"
#include "tasks/calibration.h"
#include "tasks/place_model.h"

namespace forger {

/// Batches of images `[N, C, H, W]` in [-1, 1], one after the other; undefined behind the last.
using ImageFeed = std::function<at::Tensor()>;
/// The same images at every call, from the first on.
using Images = std::function<ImageFeed()>;

/// Whom a detector asks, ready to be used.
struct DetectorNetworks {
  std::shared_ptr<Discriminator> discriminator;
  std::shared_ptr<PixelDiscriminator> pixel_discriminator;  ///< null: none
};

/// Those of a model file with a detector. Throws Error naming `source` when its weights do not fit.
DetectorNetworks load_detector_networks(const ModelFile& file, const std::string& source, c10::Device device);

/// Tells whether images are like the normal ones that a model was trained on. It knows no anomalies, in training or in
/// calibration. An image may be strange as a whole:
/// - the nearest normal training images are far, in pixels;
/// - the discriminator is unsure by how many quarters the image was rotated (Golan & El-Yaniv 2018, arXiv 1805.10917,
///   with the discriminator of Chen et al. 2019, arXiv 1811.11212); only where it was asked that;
/// or at one place:
/// - the peak of a `PlaceModel`'s map is high;
/// - and that of the map with the pixel discriminator's log odds in it, where there is one, at the weight that finds
///   foreign parts best, made as in training, in normal images that nothing was learnt from.
/// Each is taken by its mean and deviation on such images. The score is the larger of the whole (their sum over the
/// root of their number) and of the peak (their mean: opinions stand out for small oddities, which images of other
/// kinds need not have), by its own mean and deviation there. An image's score and map do not depend on the others of a
/// call.
class Detector : public AnomalyDetector {
 public:
  /// Learns from `normals`, which it remembers small, and takes its scales from `held_out`, which it goes through again
  /// for each scale that rests on another one. Throws Error when either has too few.
  static Detector learn(const DetectorNetworks& networks, const ImageShape& shape, c10::Device device,
                        const Images& normals, const Images& held_out);
  /// As `state` describes it. Throws Error when that does not fit.
  Detector(const DetectorNetworks& networks, const ImageShape& shape, c10::Device device,
           const std::map<std::string, at::Tensor>& state);

  Detected detect(const at::Tensor& images, bool in_float32 = false) const override;
  DetectedNodes detect(OnnxGraph& graph, const OnnxValue& images) const override;
  const Calibration& scores() const override { return *scores_; }
  const Calibration& peaks() const override { return *peaks_; }
  /// Tensors for the model file.
  std::map<std::string, at::Tensor> state() const;

 private:
  Detector(const DetectorNetworks& networks, const ImageShape& shape, c10::Device device);

  /// As their twins below, in an ONNX graph.
  OnnxValue unsureness(OnnxGraph& graph, const OnnxValue& images) const;
  OnnxValue remoteness(OnnxGraph& graph, const OnnxValue& images) const;

  void remember(const at::Tensor& images);
  /// Finds the weight of opinions, and with it the maps' scale, from images that nothing was learnt from.
  void weigh_opinions(const Images& held_out);
  double best_weight(const Images& held_out, double places_scale) const;
  /// How strange each pixel is, `[N, 1, H, W]`: by the place model alone, and with the opinions that are worth
  /// something.
  struct Maps {
    at::Tensor places, all;
  };
  Maps maps(const at::Tensor& images) const;
  at::Tensor opinions(const at::Tensor& images) const;
  /// float64 `[N, P]`: first those of the whole, then peaks.
  at::Tensor parts(const at::Tensor& images, const Maps& maps) const;
  int64_t parts_of_whole() const { return networks_.discriminator->names_rotations() ? 2 : 1; }
  /// `[N, P]` -> `[N]`, before its own scale.
  at::Tensor combined(const at::Tensor& parts) const;
  at::Tensor scores_of(const at::Tensor& parts) const;
  at::Tensor unsureness(const at::Tensor& images) const;
  at::Tensor remoteness(const at::Tensor& images) const;
  at::Tensor small(const at::Tensor& images) const;

  DetectorNetworks networks_;
  std::string precision_ = "auto";
  ImageShape shape_;
  c10::Device device_;
  PlaceModel places_;
  /// float64 [4] where opinions are in the maps: what the map of places is divided by, the weight of the opinions that
  /// are added to it, and mean and deviation of that sum.
  at::Tensor map_scales_;
  at::Tensor neighbours_;    ///< uint8 [M, C, h, w]
  at::Tensor flat_, norms_;  ///< the same as float rows, and their squared lengths
  at::Tensor scales_;        ///< float64 [2, P + 1]: mean and deviation of each part, and of what they combine to
  std::optional<Calibration> scores_, peaks_;
};

}  // namespace forger
