#include "api/measurement.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "core/plural.h"
#include "core/random.h"
#include "core/torch.h"
#include "metrics/checked.h"
#include "metrics/distances.h"
#include "metrics/diversity.h"
#include "metrics/neighbours.h"
#include "metrics/normal.h"
#include "metrics/two_sample.h"

namespace forger {
namespace {

constexpr int64_t kVendiImages = 1000, kImagesPerBin = 20, kMostBins = 100;
/// Resamples of images behind an interval; fewer where one costs seconds.
constexpr int64_t kResamples = 50, kCostlyResamples = 10, kCostlyFeatures = 512;
/// k as in the papers (and torch-fidelity): Kynkäänniemi et al. 2019 and Naeem et al. 2020.
constexpr int64_t kPrecisionNeighbours = 3, kDensityNeighbours = 5;
constexpr double kNoNumber = std::numeric_limits<double>::quiet_NaN(),
                 kNoLimit = std::numeric_limits<double>::infinity();

}  // namespace

Measurement::Measurement(const at::Tensor& samples, const at::Tensor& training, const at::Tensor& reference,
                         const at::Tensor& learning, std::shared_ptr<const FeatureNet> net, std::string no_net,
                         uint64_t seed)
    : net_(std::move(net)), no_net_(std::move(no_net)), seed_(seed) {
  const int64_t count = std::min(samples.size(0), training.size(0));
  samples_ = side(samples.narrow(0, 0, count));
  // The classifier trains on images that are not in the baseline: half as many more.
  training_ = side(training.narrow(0, 0, std::min(training.size(0), count + (count + 1) / 2)));
  reference_ = side(reference);
  learning_ = side(learning).features;
}

Measurement::Side Measurement::side(const at::Tensor& images) const {
  return {images, net_ ? net_->features(images) : at::empty({images.size(0), 0})};
}

std::vector<Measure> Measurement::measure(const std::string& metric) const {
  if (metric == "swd") return patches({"swd", "lower", 0, kNoLimit});
  if (metric == "fid") return distance({"fid", "lower", 0, kNoLimit, 2, 2});
  if (metric == "kid") return distance({"kid", "lower", -kNoLimit, kNoLimit, 2, 2});
  if (metric == "precision-recall") {
    return neighbours({{"precision", "higher", 0, 1, 1, kPrecisionNeighbours + 1},
                       {"recall", "higher", 0, 1, kPrecisionNeighbours + 1, 1}},
                      kPrecisionNeighbours);
  }
  if (metric == "density-coverage") {
    return neighbours({{"density", "near the baseline", 0, kNoLimit, 1, kDensityNeighbours + 1},
                       {"coverage", "higher", 0, 1, 1, kDensityNeighbours + 1}},
                      kDensityNeighbours);
  }
  if (metric == "vendi")
    return variety({"vendi", "higher", 1, static_cast<double>(std::min(count(), kVendiImages)), 1, 2});
  if (metric == "ndb") return bins({"ndb", "lower", 0, 1});
  return classified({"c2st", "near the baseline", 0, 1, 2, 1});
}

std::string Measurement::missing(const Kind& kind) const {
  if (!net_ && kind.name != "swd") return no_net_;
  if (samples_.count() < kind.samples) {
    return fmt::format("received {}, accepted: {} or more", counted(samples_.count(), "sample"), kind.samples);
  }
  if (reference_.count() < kind.reference) {
    return fmt::format("received {}, accepted: {} or more", counted(reference_.count(), "reference image"),
                       kind.reference);
  }
  return "";
}

Measure Measurement::without_value(const Kind& kind, const std::string& reason) {
  return {kind.name, kNoNumber, kNoNumber, kNoNumber, kNoNumber, kind.better, reason};
}

std::vector<Measure> Measurement::distance(const Kind& kind) const {
  if (const auto reason = missing(kind); !reason.empty()) return {without_value(kind, reason)};
  const auto& reference = reference_.features;
  const auto estimate = [&](const at::Tensor& features, int64_t resamples) {
    return kind.name == "kid" ? kernel_distance(reference, features)
                              : frechet_distance(reference, features, resamples, seed_);
  };
  const auto found = estimate(samples_.features, net_->size() > kCostlyFeatures ? kCostlyResamples : kResamples);
  const double baseline = estimate(training_.features.narrow(0, 0, count()), 0).value;
  return {{kind.name, found.value, found.low, found.high, baseline, kind.better, ""}};
}

std::vector<Measure> Measurement::neighbours(const std::vector<Kind>& kinds, int64_t k) const {
  return halved(kinds, [&](const Side& real, const Side& fake) {
    const auto found = neighbour_measures(real.features, fake.features, k);
    return k == kPrecisionNeighbours ? std::vector<double>{found.precision, found.recall}
                                     : std::vector<double>{found.density, found.coverage};
  });
}

std::vector<Measure> Measurement::variety(const Kind& kind) const {
  if (const auto reason = missing(kind); !reason.empty()) return {without_value(kind, reason)};
  const double bandwidth = median_distance(reference_.features);
  if (!(bandwidth > 0)) return {without_value(kind, "most reference images are equal, accepted: images that differ")};
  return halved({kind}, [&](const Side&, const Side& fake) {
    return std::vector<double>{vendi_score(thinned(fake.features, kVendiImages, seed_), bandwidth)};
  });
}

std::vector<Measure> Measurement::bins(const Kind& kind) const {
  if (const auto reason = missing(kind); !reason.empty()) return {without_value(kind, reason)};
  if (learning_.size(0) < 2) {
    return {without_value(
        kind, fmt::format("received {}, accepted: 2 or more", counted(learning_.size(0), "training image")))};
  }
  const int64_t fitting = std::min(count(), reference_.count()) / kImagesPerBin;
  const Bins cells(learning_, std::min(std::clamp<int64_t>(fitting, 2, kMostBins), learning_.size(0)), seed_);
  return halved({kind}, [&](const Side& real, const Side& fake) {
    return std::vector<double>{compare_bins(cells.histogram(real.features), cells.histogram(fake.features)).different};
  });
}

std::vector<Measure> Measurement::patches(const Kind& kind) const {
  const int64_t height = reference_.images.size(2), width = reference_.images.size(3);
  if ((height > 1 || width > 1) && std::min(height, width) < kSwdPatchSide) {
    return {without_value(kind, fmt::format("received images of {}x{} pixels, accepted: {} a side or more", height,
                                            width, kSwdPatchSide))};
  }
  return halved({kind}, [&](const Side& real, const Side& fake) {
    return std::vector<double>{sliced_wasserstein(real.images, fake.images, seed_)};
  });
}

std::vector<Measure> Measurement::classified(const Kind& kind) const {
  if (const auto reason = missing(kind); !reason.empty()) return {without_value(kind, reason)};
  // The baseline takes two thirds of the training images at most, so that some are left to train the classifier on.
  const int64_t all = training_.count(), used = std::min(count(), all * 2 / 3);
  if (used < 2)
    return {without_value(kind, fmt::format("received {}, accepted: 3 or more", counted(all, "training image")))};
  const auto others = training_.features.narrow(0, used, std::min((used + 1) / 2, all - used));
  const auto test = [&](const at::Tensor& fake) {
    const int64_t trained = used / 2;
    return classifier_test(others, fake.narrow(0, 0, trained), reference_.features,
                           fake.narrow(0, trained, used - trained), seed_);
  };
  const auto found = test(samples_.features);
  return {{kind.name, found.accuracy, found.low, found.high, test(training_.features).accuracy, kind.better, ""}};
}

/// Random halves of both sides, drawn without repetition, scatter about as much as the whole does around the truth
/// (delete-half jackknife, Shao & Wu 1989); with repetition, equal images would be each other's nearest neighbours.
std::vector<Measure> Measurement::halved(const std::vector<Kind>& kinds, const Statistic& statistic) const {
  if (std::all_of(kinds.begin(), kinds.end(), [&](const Kind& kind) { return !missing(kind).empty(); })) {
    std::vector<Measure> none;
    for (const auto& kind : kinds) none.push_back(without_value(kind, missing(kind)));
    return none;
  }
  const auto values = statistic(reference_, samples_), baselines = statistic(reference_, training_.part(0, count()));
  auto random = make_random(seed_);
  const auto half = [&](const Side& side) {
    const auto rows = at::randperm(side.count(), random, at::kLong).narrow(0, 0, side.count() / 2);
    return Side{side.images.index_select(0, rows), side.features.index_select(0, rows)};
  };
  const bool has_halves = std::min(count(), reference_.count()) >= 4;  // one image has no scatter
  std::vector<std::vector<double>> draws;
  for (int64_t i = 0; has_halves && i < kCostlyResamples; ++i) {
    const Side real = half(reference_), fake = half(samples_);
    draws.push_back(statistic(real, fake));
  }
  std::vector<Measure> measures;
  for (size_t i = 0; i < kinds.size(); ++i) {
    if (const auto reason = missing(kinds[i]); !reason.empty()) {
      measures.push_back(without_value(kinds[i], reason));
      continue;
    }
    std::vector<double> column;
    for (const auto& draw : draws) column.push_back(draw[i]);
    const double error = has_halves ? kNormal95 * at::tensor(column, at::kDouble).std().item<double>() : kNoNumber;
    const bool known = std::isfinite(error);
    measures.push_back({kinds[i].name, values[i], known ? std::max(values[i] - error, kinds[i].least) : kNoNumber,
                        known ? std::min(values[i] + error, kinds[i].most) : kNoNumber, baselines[i], kinds[i].better,
                        ""});
  }
  return measures;
}

}  // namespace forger
