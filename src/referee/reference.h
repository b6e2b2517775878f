#pragma once

#include <memory>
#include <string>
#include <vector>

#include "data/dataset.h"
#include "data/samples.h"
#include "metrics/diversity.h"
#include "metrics/features.h"
#include "referee/check.h"

namespace forger {

/// Neighbours that coverage and density count (Naeem et al. 2020).
inline constexpr int64_t kNeighbours = 5;

/// Training images that stand for all of them, up to a few thousand chosen by `seed`, `most` or more.
LabelledImages known_images(const Dataset& training, int64_t most, uint64_t seed);
/// The features that likeness to training images is measured in, learnt from those that are known.
std::shared_ptr<const FeatureNet> likeness_features(const at::Tensor& known, uint64_t seed);

/// Real images that samples are held against: unseen (held out) and, as many, from the training part; their features,
/// bins and baselines, and whether the features are fit to judge at all.
struct Reference {
  /// Reads up to `most` unseen images and as many training images, the latter chosen by `seed`; images that cannot be
  /// read are left out. Throws Error when too few of either kind are readable (`too_few_to_judge`).
  Reference(const Dataset& training, const Dataset& unseen, int64_t most, uint64_t seed);

  /// float32 `[N, C, H, W]` in [-1, 1]; the labels belong to them (int64 `[N]`, -1: none).
  at::Tensor unseen, training, unseen_labels, training_labels;
  /// What these images are to be made from, float32 in [-1, 1]; undefined in sets of images alone.
  at::Tensor unseen_sources, training_sources;
  /// What copies of the unseen sources would be (`as_images`); undefined where there is no such thing.
  at::Tensor unseen_copies;
  std::shared_ptr<const FeatureNet> net;
  at::Tensor unseen_features, training_features;
  /// Features of a few thousand training images, `training` among them: what copies would be copies of.
  at::Tensor known_features;
  /// Distance of each unseen image to the nearest of them.
  at::Tensor known_distances;
  /// k-means cells over training images.
  std::shared_ptr<const Bins> bins;
  std::vector<int64_t> unseen_bins, training_bins;
  /// A few coarse cells: what the generator draws at one moment, for telling whether it hops.
  std::shared_ptr<const Bins> kinds;
  std::vector<int64_t> unseen_kinds;
  /// Share of different bins that chance stays below in 99.9 % of cases.
  double bins_limit = 1;

  double kid_baseline = 0;  ///< training against unseen
  double kid_mild = 0;      ///< training images with the mildest damage that stands out from chance, against unseen
  double kid_noise = 0;     ///< noise with the images' mean and spread, against unseen
  /// The same of the copies, and the lower end of its 95 % interval; NaN where there are none.
  double kid_sources = kUnknown, kid_sources_low = kUnknown;
  double known_share = 1;  ///< of the training images, those whose features are known
  double spread = 1;       ///< mean distance between two of them, per pixel root mean square
  double reach = 1;        ///< mean of their largest absolute values

  bool features_work = false;

  /// Scores and features are compared on equal counts; this is the count.
  int64_t count() const { return unseen.size(0); }

  /// Effective number of kinds beyond the first among features `[N, d]`, over the same for as many unseen images: 0
  /// when all are alike.
  double diversity_of(const at::Tensor& features) const;
  /// Coverage of `count` unseen images by as many training images; `count` at most that of either.
  double coverage_baseline(int64_t count) const;
  /// How much the kinds of two real draws of `count` images differ (`Check::movement`). Chance is inversely
  /// proportional to the count, and is all there is between real draws.
  double movement_baseline(int64_t count) const;

 private:
  /// Vendi score of the first `count`.
  double kinds_in(const at::Tensor& features, int64_t count) const;

  /// Of counts that are asked for at every check.
  double diversity_bandwidth_ = 1, diversity_ = 1, coverage_baseline_ = 0;
  /// Between the unseen and the training images.
  double movement_ = 0;
};

/// Why nothing can be judged by so many training and held-out images, or nothing.
std::string too_few_to_judge(int64_t training, int64_t held_out);

/// Root mean square distance between each image and its neighbour in the list.
double image_spread(const at::Tensor& images);
/// Mean over images of the largest absolute value in each.
double image_reach(const at::Tensor& images);

}  // namespace forger
