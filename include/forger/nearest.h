#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <vector>

namespace forger {

/// The training image that is most like a given image.
struct NearestImage {
  /// As the training sees it: uint8 `[channels, height, width]`.
  at::Tensor pixels;
  /// Its file, or its place in an archive, for people.
  std::string name;
  /// Between the features of the two images; 0: they are equal.
  double distance = 0;
  /// Share of the unseen images that lie nearer to the training images than this one does: near 0 of a copy, about 0.5
  /// of an image that is as new as they are. NaN where no image is held out.
  double nearer_unseen = std::numeric_limits<double>::quiet_NaN();
};

/// The training images of a run, to find the one that a sample may be a copy of. Likeness is measured as the referee
/// measures it: Euclidean distance between features that are learnt from the training images (Coates, Lee & Ng 2011).
/// What a distance means is told by the held-out images, which nothing can have copied. Not to be shared between
/// threads without a lock.
class TrainingImages {
 public:
  /// Opens the data of a run as its training does and learns features of up to 100,000 of its images, spread evenly:
  /// about 100 MB, and a second for every 10,000 images of 28x28. `goes_on` is asked now and then with the share
  /// that is done, 0 to 1; null where it said false. Throws Error when this is no run folder, when its game does not
  /// make images of latents, or when its data are not there or too few.
  static std::unique_ptr<TrainingImages> read(const std::filesystem::path& run_folder,
                                              const std::function<bool(double done)>& goes_on = {});
  ~TrainingImages();

  /// Of each of some images, float32 `[N, channels, height, width]` in [-1, 1]. Throws Error on another shape.
  std::vector<NearestImage> nearest(const at::Tensor& images) const;

  int64_t channels() const;
  int64_t height_px() const;
  int64_t width_px() const;
  /// Images that are trained on, and how many of them are compared.
  int64_t size() const;
  int64_t compared() const;
  /// Unseen images that tell what a distance means, and the median of their distances to the nearest training image;
  /// NaN where none is held out.
  int64_t unseen() const;
  double usual_distance() const;
  /// Below it, the referee counts an image as a copy: a tenth of the usual distance.
  double repeat_distance() const;
  /// What a reader of the distances must know besides: that the data changed since the training, for example.
  const std::vector<std::string>& notes() const;

 private:
  struct State;
  explicit TrainingImages(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace forger
