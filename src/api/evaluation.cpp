#include "forger/evaluation.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>

#include "api/known_data.h"
#include "core/fail.h"
#include "core/random.h"
#include "core/text.h"
#include "core/torch.h"
#include "data/open.h"
#include "data/samples.h"
#include "forger/model.h"
#include "image/grid.h"
#include "metrics/checked.h"
#include "metrics/distances.h"
#include "metrics/diversity.h"
#include "metrics/features.h"
#include "metrics/neighbours.h"
#include "metrics/normal.h"
#include "metrics/two_sample.h"
#include "run/run_folder.h"

namespace forger {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kLeastImages = 50, kMostImages = 10'000, kLearningImages = 2000, kVendiImages = 1000;
constexpr int64_t kImagesPerBin = 20, kMostBins = 100;
/// Resamples of images behind an interval; fewer where one costs seconds.
constexpr int64_t kResamples = 50, kCostlyResamples = 10, kCostlyFeatures = 512;
/// k as in the papers (and torch-fidelity): Kynkäänniemi et al. 2019 and Naeem et al. 2020.
constexpr int64_t kPrecisionNeighbours = 3, kDensityNeighbours = 5;

bool is_model(const fs::path& path) { return RunFolder::is_run(path) || path.extension() == ".safetensors"; }

std::string shape_text(const ImageShape& shape) {
  return shape.is_point() ? "points" : fmt::format("{}x{}x{}", shape.height, shape.width, shape.channels);
}

/// How the data is prepared: as the run prepared it, or to the model's size.
DataOptions data_options(const std::string& samples, const std::string& data, const std::string& levels) {
  if (!levels.empty() && is_model(samples)) {
    fail("levels: received {}, accepted: nothing, as {} says itself how 16-bit images become 8 bits", levels, samples);
  }
  DataOptions options;
  if (!levels.empty()) options.levels = levels;
  if (RunFolder::is_run(samples)) {
    options = Config::from_file(RunFolder::open(samples).config()).data;
    options.labels = false;
  } else if (is_model(samples)) {
    const ModelInfo info = Model::load(samples, "cpu").info();
    options.size = {info.height_px, info.width_px};
    options.channels = info.channels;
    if (const auto known = known_data(info)) options.held_out = known->held_out;
    options.levels = info.levels;
  }
  if (options.size == std::vector<int64_t>{1, 1}) {  // points, which know no size
    options.size.clear();
    options.channels = 0;
  }
  options.source = data;
  return options;
}

/// The images that play the part of training, in random order, and the reference.
struct Real {
  at::Tensor training, reference;
};

Real load_real(const OpenedData& data, const EvaluationOptions& options, const std::string& source) {
  const auto load = [&](const Dataset& images, int64_t most) {
    return load_images(images, most, make_random(derive_seed(options.seed, Stream::sample))).images;
  };
  if (options.split == "held-out") {
    if (data.held_out->size() < kLeastImages) {
      fail("{}: {} images are held out, accepted: {} or more, or all images (--split all)", source,
           data.held_out->size(), kLeastImages);
    }
    return {load(*data.training, 2 * kMostImages),
            load(*data.held_out, kMostImages)};
  }
  const auto training = load(*data.training, 3 * kMostImages);
  if (data.held_out->size() == 0) {
    const int64_t half = std::min(training.size(0) / 2, kMostImages);
    return {training.narrow(0, half, training.size(0) - half), training.narrow(0, 0, half)};
  }
  auto all = at::cat({training, load(*data.held_out, kMostImages)});
  auto random = make_random(options.seed);
  all = all.index_select(0, at::randperm(all.size(0), random, at::kLong));
  const int64_t half = std::min(all.size(0) / 2, kMostImages);
  return {all.narrow(0, half, all.size(0) - half), all.narrow(0, 0, half)};
}

at::Tensor load_fake(const std::string& path, int64_t count, const Levels& levels, const EvaluationOptions& options) {
  if (is_model(path)) {
    SampleOptions sampling;
    sampling.seed = options.seed;
    const Model model = Model::load(path, options.device);
    const auto samples = model.sample(count, sampling);
    // Other programs' samples come as bytes; so do these.
    return model.info().height_px == 1 && model.info().width_px == 1 ? samples : to_floats(to_bytes(samples));
  }
  if (!fs::exists(path) && !path.starts_with("synthetic:") && path.find('{') == std::string::npos) {
    fail("samples: {} does not exist, accepted: a model file, a run folder, a .npz file or a folder of images", path);
  }
  return load_samples(path, count, levels);
}

/// Samples in the data's size, or an Error.
at::Tensor fitting(at::Tensor samples, const ImageShape& wanted, bool resize, Evaluation& evaluation) {
  const ImageShape shape = image_shape(samples);
  evaluation.resize = "none";
  if (shape == wanted) return samples;
  if (shape.channels != wanted.channels || wanted.is_point() || shape.is_point()) {
    fail("samples: received {}, accepted: {}, as the data are (height x width x channels)", shape_text(shape),
         shape_text(wanted));
  }
  if (!resize) {
    fail("samples: received {}, accepted: {}, as the data are (height x width x channels), or --resize to bring them to "
         "that size", shape_text(shape), shape_text(wanted));
  }
  evaluation.resize = fmt::format("samples from {}x{} to {}x{}, antialiased bicubic", shape.height, shape.width,
                                  wanted.height, wanted.width);
  return resize_samples(samples, wanted.height, wanted.width);
}

void check_samples(const at::Tensor& samples) {
  if (samples.size(0) < kLeastImages) {
    fail("samples: received {}, accepted: {} or more", samples.size(0), kLeastImages);
  }
  if (!at::isfinite(samples).all().item<bool>()) fail("samples: received NaN or infinity, accepted: finite images");
  if ((samples == samples[0]).all().item<bool>()) {
    fail("samples: all {} are equal, accepted: samples that differ", samples.size(0));
  }
}

/// One side of a comparison with the reference: samples, or training images in their place.
struct Side {
  at::Tensor images, features;
};

class Measurement {
 public:
  Measurement(Side samples, Side baseline, Side reference, at::Tensor learning, at::Tensor other, uint64_t seed)
      : samples_(std::move(samples)), baseline_(std::move(baseline)), reference_(std::move(reference)),
        learning_(std::move(learning)), other_(std::move(other)), seed_(seed),
        resamples_(samples_.features.size(1) > kCostlyFeatures ? kCostlyResamples : kResamples) {}

  std::vector<Measure> measure(const std::string& metric) const {
    const auto& reference = reference_.features;
    if (metric == "fid") {
      return estimated("fid", [&](const Side& side, int64_t resamples) {
        return frechet_distance(reference, side.features, resamples, seed_);
      });
    }
    if (metric == "kid") {
      return estimated("kid", [&](const Side& side, int64_t) { return kernel_distance(reference, side.features); });
    }
    if (metric == "c2st") return classified();
    if (metric == "precision-recall") {
      return halved({{"precision", 0, 0, 0, 0, "higher"}, {"recall", 0, 0, 0, 0, "higher"}},
                    [](const Side& real, const Side& fake) {
                      const auto found = neighbour_measures(real.features, fake.features, kPrecisionNeighbours);
                      return std::vector<double>{found.precision, found.recall};
                    });
    }
    if (metric == "density-coverage") {
      return halved({{"density", 0, 0, 0, 0, "near the baseline"}, {"coverage", 0, 0, 0, 0, "higher"}},
                    [](const Side& real, const Side& fake) {
                      const auto found = neighbour_measures(real.features, fake.features, kDensityNeighbours);
                      return std::vector<double>{found.density, found.coverage};
                    });
    }
    if (metric == "vendi") {
      const double bandwidth = median_distance(reference);
      if (!(bandwidth > 0)) fail("vendi: most reference images are equal, accepted: images that differ");
      return halved({{"vendi", 0, 0, 0, 0, "higher"}}, [&](const Side&, const Side& fake) {
        return std::vector<double>{vendi_score(thinned(fake.features, kVendiImages, seed_), bandwidth)};
      });
    }
    if (metric == "ndb") {
      const int64_t fitting = std::min(samples_.features.size(0), reference.size(0)) / kImagesPerBin;
      const Bins bins(learning_, std::min(std::clamp<int64_t>(fitting, 2, kMostBins), learning_.size(0)), seed_);
      return halved({{"ndb", 0, 0, 0, 0, "lower"}}, [&](const Side& real, const Side& fake) {
        return std::vector<double>{
            compare_bins(bins.histogram(real.features), bins.histogram(fake.features)).different};
      });
    }
    return halved({{"swd", 0, 0, 0, 0, "lower"}}, [&](const Side& real, const Side& fake) {
      return std::vector<double>{sliced_wasserstein(real.images, fake.images, seed_)};
    });
  }

 private:
  using Estimator = std::function<Estimate(const Side&, int64_t resamples)>;
  using Statistic = std::function<std::vector<double>(const Side& real, const Side& fake)>;

  std::vector<Measure> estimated(const std::string& name, const Estimator& estimate) const {
    const auto found = estimate(samples_, resamples_);
    return {{name, found.value, found.low, found.high, estimate(baseline_, 0).value, "lower"}};
  }

  /// Random halves of both sides, drawn without repetition, scatter about as much as the whole does around the truth
  /// (delete-half jackknife, Shao & Wu 1989); with repetition, equal images would be each other's nearest neighbours.
  std::vector<Measure> halved(std::vector<Measure> measures, const Statistic& statistic) const {
    const auto values = statistic(reference_, samples_), baselines = statistic(reference_, baseline_);
    auto random = make_random(seed_);
    std::vector<std::vector<double>> draws;
    for (int64_t i = 0; i < kCostlyResamples; ++i) {
      const Side real = half(reference_, random), fake = half(samples_, random);
      draws.push_back(statistic(real, fake));
    }
    for (size_t i = 0; i < measures.size(); ++i) {
      std::vector<double> column;
      for (const auto& draw : draws) column.push_back(draw[i]);
      const double error = kNormal95 * at::tensor(column, at::kDouble).std().item<double>();
      measures[i].value = values[i];
      measures[i].low = std::max(0.0, values[i] - error);
      measures[i].high = values[i] + error;
      measures[i].baseline = baselines[i];
    }
    return measures;
  }

  static Side half(const Side& side, at::Generator& random) {
    const int64_t count = side.features.size(0);
    const auto rows = at::randperm(count, random, at::kLong).narrow(0, 0, count / 2);
    return {side.images.index_select(0, rows), side.features.index_select(0, rows)};
  }

  std::vector<Measure> classified() const {
    const auto test = [&](const at::Tensor& fake) {
      const int64_t trained = fake.size(0) / 2;
      return classifier_test(other_, fake.narrow(0, 0, trained), reference_.features,
                             fake.narrow(0, trained, fake.size(0) - trained), seed_);
    };
    const auto found = test(samples_.features);
    return {{"c2st", found.accuracy, found.low, found.high, test(baseline_.features).accuracy, "near the baseline"}};
  }

  Side samples_, baseline_, reference_;
  at::Tensor learning_;  // features
  at::Tensor other_;     // features of training images that are not in the baseline
  uint64_t seed_;
  int64_t resamples_;
};

void check_options(const EvaluationOptions& options) {
  const auto& known = evaluation_metrics();
  for (const auto& metric : options.metrics) {
    if (std::find(known.begin(), known.end(), metric) == known.end()) {
      fail("metrics: received \"{}\", accepted: {}{}", metric, join(known), did_you_mean(metric, known));
    }
  }
  if (options.split != "held-out" && options.split != "all") {
    fail("split: received \"{}\", accepted: held-out, all", options.split);
  }
  if (options.count != 0 && options.count < kLeastImages) {
    fail("count: received {}, accepted: {} or more", options.count, kLeastImages);
  }
}

}  // namespace

const std::vector<std::string>& evaluation_metrics() {
  static const std::vector<std::string> names{"fid",   "kid", "precision-recall", "density-coverage",
                                              "vendi", "ndb", "swd",              "c2st"};
  return names;
}

Evaluation evaluate(const std::string& samples, const std::string& data, const EvaluationOptions& options) {
  check_options(options);
  const OpenedData opened = open_data(data_options(samples, data, options.levels));
  const auto [training, reference] = load_real(opened, options, data);
  if (reference.size(0) < kLeastImages) {
    fail("{}: received {} reference images, accepted: {} or more", data, reference.size(0), kLeastImages);
  }
  const int64_t wanted = options.count > 0 ? options.count : std::min(reference.size(0), kMostImages);
  Evaluation result;
  const auto fake = fitting(load_fake(samples, wanted, opened.levels, options), opened.shape, options.resize, result);
  check_samples(fake);
  if (is_model(samples) && options.split == "held-out") {
    result.notes = notes_on_data(known_data(Model::load(samples, "cpu").info()), record_of(*opened.source, opened.held_out_share));
  }

  // The baseline takes two thirds of the training images at most, so that some are left for the classifier.
  const int64_t baseline_count = std::min(fake.size(0), training.size(0) * 2 / 3);
  const int64_t other_count = std::min((baseline_count + 1) / 2, training.size(0) - baseline_count);
  const int64_t learning_count = std::min(kLearningImages, training.size(0));
  const auto baseline = training.narrow(0, 0, baseline_count);
  const auto learning = training.narrow(0, training.size(0) - learning_count, learning_count);
  const auto net =
      options.inception.empty() ? learn_features(learning, options.seed) : load_inception(options.inception);

  result.samples = fake.size(0);
  result.reference_images = reference.size(0);
  result.baseline_images = baseline_count;
  result.training_images = learning_count;
  result.split = options.split;
  result.incomplete = opened.incomplete;
  result.channels = opened.shape.channels;
  result.height_px = opened.shape.height;
  result.width_px = opened.shape.width;
  result.feature_net = net->name();
  result.feature_hash = net->hash();

  const auto side = [&](const at::Tensor& images) { return Side{images, net->features(images)}; };
  const Measurement measurement(side(fake), side(baseline), side(reference), net->features(learning),
                                net->features(training.narrow(0, baseline_count, other_count)), options.seed);
  for (const auto& metric : options.metrics.empty() ? evaluation_metrics() : options.metrics) {
    for (auto& measure : measurement.measure(metric)) result.measures.push_back(std::move(measure));
  }
  return result;
}

}  // namespace forger
