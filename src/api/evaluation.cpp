#include "forger/evaluation.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "api/known_data.h"
#include "api/measurement.h"
#include "api/shared_features.h"
#include "api/shared_samples.h"
#include "core/fail.h"
#include "core/plural.h"
#include "core/random.h"
#include "core/text.h"
#include "core/torch.h"
#include "data/open.h"
#include "data/samples.h"
#include "forger/model.h"
#include "image/grid.h"
#include "metrics/features.h"
#include "run/run_folder.h"

namespace forger {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kMostImages = 10'000, kLearningImages = 2000;
/// Of fewer images, every number is mostly chance.
constexpr int64_t kFewImages = 50;

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
    if (data.held_out->size() == 0) {
      fail(
          "{}: no image of {} is held out to compare with, accepted: 1 or more (more images, a larger data.held_out), "
          "or one "
          "half of all images (option split: all)",
          source, data.training->size());
    }
    return {load(*data.training, 2 * kMostImages), load(*data.held_out, kMostImages)};
  }
  if (data.training->size() + data.held_out->size() < 2) {
    fail("{}: holds 1 image, accepted: 2 or more, of which one half is compared with", source);
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

/// Rank 0's count, which follows from the data.
int64_t asked_count(int64_t count, Team* team) {
  if (team == nullptr) return count;
  const auto asked = at::full({1}, count, at::kLong);
  team->share(asked);
  return asked.item<int64_t>();
}

/// What the other processes do while rank 0 evaluates.
void help_to_evaluate(const std::string& samples, const EvaluationOptions& options) {
  auto& team = *options.team;
  if (is_model(samples)) {
    SampleOptions sampling;
    sampling.seed = options.seed;
    sample_in_team(Model::load(samples, options.device), asked_count(0, &team), sampling, &team);
  }
  if (!options.inception.empty()) help_with_features(*load_inception(options.inception), team);
}

/// Samples, in the data's size where `options.resize` asks for it.
at::Tensor load_fake(const std::string& path, int64_t count, const ImageShape& wanted, const Levels& levels,
                     const EvaluationOptions& options, Evaluation& evaluation) {
  evaluation.resize = "none";
  if (is_model(path)) {
    SampleOptions sampling;
    sampling.seed = options.seed;
    const Model model = Model::load(path, options.device);
    const auto samples = sample_in_team(model, asked_count(count, options.team.get()), sampling, options.team.get());
    // Other programs' samples come as bytes; so do these.
    return model.info().height_px == 1 && model.info().width_px == 1 ? samples : to_floats(to_bytes(samples));
  }
  if (!fs::exists(path) && !path.starts_with("synthetic:") && path.find('{') == std::string::npos) {
    fail("samples: {} does not exist, accepted: a model file, a run folder, a .npz file or a folder of images", path);
  }
  if (!options.resize || wanted.is_point()) return load_samples(path, count, levels);
  const auto [images, sizes] = load_samples_fitted(path, count, wanted.height, wanted.width, levels);
  if (sizes.size() > 1) {
    evaluation.resize = fmt::format("samples of {} sizes, {}x{} to {}x{}, to {}x{}, antialiased bicubic", sizes.size(),
                                    sizes.begin()->first, sizes.begin()->second, sizes.rbegin()->first,
                                    sizes.rbegin()->second, wanted.height, wanted.width);
  } else if (*sizes.begin() != std::pair(wanted.height, wanted.width)) {
    evaluation.resize = fmt::format("samples from {}x{} to {}x{}, antialiased bicubic", sizes.begin()->first,
                                    sizes.begin()->second, wanted.height, wanted.width);
  }
  return images;
}

void check_shape(const ImageShape& shape, const ImageShape& wanted) {
  if (shape == wanted) return;
  const bool resizable = shape.channels == wanted.channels && !wanted.is_point() && !shape.is_point();
  fail("samples: received {}, accepted: {}, as the data are (height x width x channels){}", shape_text(shape),
       shape_text(wanted), resizable ? ", or option resize to bring them to that size" : "");
}

/// Images whose bytes hold values of 0 to 1 are as good as black.
bool looks_like_shares(const at::Tensor& images) {
  const auto bytes = to_bytes(images);
  return bytes.max().item<int>() == 1;
}

std::vector<std::string> warnings_of(const at::Tensor& samples, int64_t measured, int64_t references,
                                     const ImageShape& shape) {
  std::vector<std::string> warnings;
  if (measured < samples.size(0)) {
    warnings.push_back(
        fmt::format("{} of {} samples are measured: as many as there are training images, whose own numbers stand "
                    "beside theirs",
                    measured, samples.size(0)));
  }
  if (std::min(measured, references) < kFewImages) {
    warnings.push_back(fmt::format("with {} and {}, the numbers are mostly chance; {} or more of each are better",
                                   counted(measured, "sample"), counted(references, "reference image"), kFewImages));
  }
  if (!shape.is_point() && looks_like_shares(samples)) {
    warnings.push_back(
        "the brightest level of the samples is 1 of 255: values from 0 to 1 that were stored as bytes look so");
  }
  return warnings;
}

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
  if (options.count < 0)
    fail("count: received {}, accepted: 1 or more, or 0 for as many as reference images", options.count);
}

}  // namespace

const std::vector<std::string>& evaluation_metrics() {
  static const std::vector<std::string> names{"fid", "kid", "precision-recall", "density-coverage", "vendi", "ndb",
                                              "swd", "c2st"};
  return names;
}

Evaluation evaluate(const std::string& samples, const std::string& data, const EvaluationOptions& options) {
  check_options(options);
  if (options.team && options.team->rank() > 0) {
    help_to_evaluate(samples, options);
    return {};
  }
  const OpenedData opened = open_data(data_options(samples, data, options.levels));
  const auto [training, reference] = load_real(opened, options, data);
  const int64_t wanted = options.count > 0 ? options.count : std::min(reference.size(0), kMostImages);
  Evaluation result;
  const auto fake = load_fake(samples, wanted, opened.shape, opened.levels, options, result);
  check_shape(image_shape(fake), opened.shape);
  if (!at::isfinite(fake).all().item<bool>()) fail("samples: received NaN or infinity, accepted: finite images");

  const int64_t learning_count = std::min(kLearningImages, training.size(0));
  const auto learning = training.narrow(0, training.size(0) - learning_count, learning_count);
  std::shared_ptr<const FeatureNet> net;
  std::string no_net;
  if (!options.inception.empty()) {
    net = load_inception(options.inception);
    if (options.team) net = shared_features(std::move(net), options.team);
  } else if (learning_count >= kLeastLearningImages) {
    net = learn_features(learning, options.seed);
  } else {
    no_net = fmt::format("{} too few to learn features from, accepted: {} or more, or option inception",
                         counted_are(learning_count, "training image"), kLeastLearningImages);
  }
  const Measurement measurement(fake, training, reference, learning, net, no_net, options.seed);

  result.samples = result.baseline_images = measurement.count();
  result.reference_images = reference.size(0);
  result.training_images = learning_count;
  result.split = options.split;
  result.incomplete = opened.incomplete;
  result.channels = opened.shape.channels;
  result.height_px = opened.shape.height;
  result.width_px = opened.shape.width;
  result.feature_net = net ? net->name() : "";
  result.feature_hash = net ? net->hash() : "";
  result.warnings = warnings_of(fake, measurement.count(), reference.size(0), opened.shape);
  if (options.team && !is_model(samples) && options.inception.empty()) {
    result.warnings.emplace_back(
        "one of the processes did all: they share the drawing of a model's samples and features of an Inception "
        "network");
  }
  if (is_model(samples) && options.split == "held-out") {
    auto record = record_of(opened);
    record.chosen.clear();  // samples are held against what is asked for, whatever the training chose of it
    for (auto& note : notes_on_data(known_data(Model::load(samples, "cpu").info()), record)) {
      result.warnings.push_back(std::move(note));
    }
  }
  for (const auto& metric : options.metrics.empty() ? evaluation_metrics() : options.metrics) {
    for (auto& measure : measurement.measure(metric)) result.measures.push_back(std::move(measure));
  }
  const auto has_value = [](const Measure& measure) { return measure.reason.empty(); };
  if (std::none_of(result.measures.begin(), result.measures.end(), has_value)) {
    fail("{}: {}", result.measures.at(0).name, result.measures.at(0).reason);
  }
  return result;
}

}  // namespace forger
