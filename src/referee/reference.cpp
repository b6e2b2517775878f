#include "referee/reference.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/fail.h"
#include "core/plural.h"
#include "core/random.h"
#include "core/torch.h"
#include "image/blur.h"
#include "metrics/distances.h"
#include "metrics/neighbours.h"
#include "referee/translation.h"

namespace forger {
namespace {

constexpr int64_t kFewestImagesPerBin = 20;
constexpr int64_t kMostBins = 100;
/// About as many as a small data set has classes.
constexpr int64_t kKinds = 10;
constexpr int64_t kMostForFeatures = 4000;
constexpr int64_t kMostForDiversity = 512;
/// Quantile of the binomial in the limit of different bins.
constexpr double kZ999 = 3.09;

LabelledImages load(const Dataset& dataset, int64_t most, uint64_t seed) {
  return load_images(dataset, most, make_random(seed));
}

/// Median over points of the distance to their `k`-th neighbour.
double neighbour_scale(const at::Tensor& points, int64_t k) {
  const auto flat = points.flatten(1).narrow(0, 0, std::min<int64_t>(points.size(0), 1000));
  const auto distances = std::get<0>(at::cdist(flat, flat).kthvalue(std::min(k + 1, flat.size(0)), 1));
  return distances.median().item<double>();
}

/// The images with damage of a strength from mild (0.5) upwards: blur of so many pixels, or for points so many times
/// the distance to their 16th neighbour of noise.
at::Tensor damaged(const at::Tensor& images, double strength, ItemRandom random) {
  if (images.size(2) > 1 || images.size(3) > 1) return blurred(images, strength);
  const auto gauss = random.normal(images.sizes());
  return images + strength * neighbour_scale(images, 16) * gauss;
}

/// Noise with the mean and the spread that the images have at each place.
at::Tensor noise_like(const at::Tensor& images, ItemRandom random) {
  const auto gauss = random.normal(images.sizes());
  return images.mean(0, true) + gauss * images.std(0, /*unbiased=*/false, true);
}

}  // namespace

LabelledImages known_images(const Dataset& training, int64_t most, uint64_t seed) {
  return load(training, std::max(kMostForFeatures, most), derive_seed(seed, Stream::referee_set_up, 2));
}

std::shared_ptr<const FeatureNet> likeness_features(const at::Tensor& known, uint64_t seed) {
  return learn_features(known, derive_seed(seed, Stream::referee_set_up, 3));
}

double image_spread(const at::Tensor& images) {
  return (images - images.roll(1, 0)).square().mean(at::IntArrayRef{1, 2, 3}).sqrt().mean().item<double>();
}

double image_reach(const at::Tensor& images) { return images.abs().flatten(1).amax(1).mean().item<double>(); }

std::string too_few_to_judge(int64_t training, int64_t held_out) {
  if (held_out < 2) {
    return fmt::format("{} held out, accepted: 2 or more (more images, or a larger data.held_out)",
                       counted_are(held_out, "image"));
  }
  if (training >= kLeastLearningImages) return "";
  return fmt::format("{} trained on, accepted: {} or more, to learn features from", counted_are(training, "image"),
                     kLeastLearningImages);
}

double Reference::kinds_in(const at::Tensor& features, int64_t count) const {
  return vendi_score(features.narrow(0, 0, count), diversity_bandwidth_);
}

double Reference::diversity_of(const at::Tensor& features) const {
  const int64_t most = std::min(kMostForDiversity, count()), equal = std::min(features.size(0), most);
  const double usual = equal == most ? diversity_ : kinds_in(unseen_features, equal);
  return (kinds_in(features, equal) - 1) / std::max(usual - 1, 1e-6);
}

double Reference::coverage_baseline(int64_t count) const {
  if (count == training_features.size(0)) return coverage_baseline_;
  return neighbour_measures(unseen_features.narrow(0, 0, count), training_features.narrow(0, 0, count), kNeighbours)
      .coverage;
}

double Reference::movement_baseline(int64_t count) const {
  const double chance = 1 / static_cast<double>(this->count()) + 1 / static_cast<double>(training_features.size(0));
  return std::min(movement_ * 2 / (static_cast<double>(count) * chance), 1.0);
}

Reference::Reference(const Dataset& training_set, const Dataset& unseen_set, int64_t most, uint64_t seed) {
  torch::NoGradGuard no_grad;
  auto held = load(unseen_set, most, derive_seed(seed, Stream::referee_set_up, 1));
  auto seen = known_images(training_set, most, seed);
  const auto too_few = too_few_to_judge(seen.images.size(0), held.images.size(0));
  if (!too_few.empty()) fail("{}", too_few);
  unseen = std::move(held.images);
  unseen_labels = std::move(held.labels);
  unseen_sources = std::move(held.sources);
  net = likeness_features(seen.images, seed);
  known_features = net->features(seen.images);
  const int64_t bin_count = std::clamp<int64_t>(count() / kFewestImagesPerBin, 2, kMostBins);
  bins = std::make_shared<Bins>(known_features, bin_count, derive_seed(seed, Stream::referee_set_up, 4));
  kinds =
      std::make_shared<Bins>(known_features, std::min(kKinds, bin_count), derive_seed(seed, Stream::referee_set_up, 6));

  const int64_t equal = std::min(count(), seen.images.size(0));
  training = seen.images.narrow(0, 0, equal).clone();
  training_labels = seen.labels.narrow(0, 0, equal).clone();
  if (seen.sources.defined()) training_sources = seen.sources.narrow(0, 0, equal).clone();
  training_features = known_features.narrow(0, 0, equal).clone();
  unseen_features = net->features(unseen);
  unseen_bins = bins->histogram(unseen_features);
  training_bins = bins->histogram(training_features);
  bins_limit = 0.05 + kZ999 * std::sqrt(0.05 * 0.95 / static_cast<double>(bin_count));
  unseen_kinds = kinds->histogram(unseen_features);
  movement_ = compare_bins(unseen_kinds, kinds->histogram(training_features)).jensen_shannon / std::numbers::ln2;
  spread = image_spread(unseen);
  reach = image_reach(unseen);

  const int64_t looked_at = std::min(kMostForDiversity, count());
  diversity_bandwidth_ = std::max(median_distance(unseen_features.narrow(0, 0, looked_at)) / 2, 1e-6);
  diversity_ = kinds_in(unseen_features, looked_at);
  known_distances = nearest_distances(known_features, unseen_features);
  known_share = static_cast<double>(known_features.size(0)) / static_cast<double>(training_set.size());
  coverage_baseline_ = neighbour_measures(unseen_features.narrow(0, 0, equal), training_features, kNeighbours).coverage;

  const ItemRandom random(derive_seed(seed, Stream::referee_set_up, 5));
  const auto distance = [&](const at::Tensor& images) {
    return kernel_distance(unseen_features, net->features(images));
  };
  const auto baseline = kernel_distance(unseen_features, training_features);
  kid_baseline = baseline.value;
  kid_noise = distance(noise_like(training, random)).value;
  if (unseen_sources.defined() && unseen_sources.sizes().slice(2) == unseen.sizes().slice(2))
    unseen_copies = as_images(unseen_sources, unseen.size(1));
  if (unseen_copies.defined()) {
    const auto of_copies = distance(unseen_copies);
    kid_sources = of_copies.value;
    kid_sources_low = of_copies.low;
  }
  // The mildest damage that stands out from chance is what samples must stay below.
  bool sees_damage = false;
  for (const double strength : {0.5, 0.7, 1.0, 1.5, 2.0}) {
    const auto damage = distance(damaged(training, strength, random));
    kid_mild = damage.value;
    sees_damage = damage.low > std::max(baseline.high, 0.0);
    if (sees_damage) break;
  }

  // Half the bins left out must be seen as starved; the training images must pass for unseen ones.
  auto halved = training_bins;
  for (size_t i = 0; i < halved.size(); i += 2) halved[i] = 0;
  const bool sees_half = std::any_of(halved.begin(), halved.end(), [](int64_t images) { return images > 0; }) &&
                         compare_bins(unseen_bins, halved).different > bins_limit;
  const auto whole = compare_bins(unseen_bins, training_bins);
  features_work = sees_damage && kid_noise > kid_mild && sees_half && whole.different <= bins_limit + 1e-9;
}

}  // namespace forger
