#include <map>

#include "api/photographs.h"
#include "api/picture_features.h"
#include "api/task_measures.h"
#include "api/upscaled_pairs.h"
#include "core/fail.h"
#include "core/plural.h"
#include "core/torch.h"
#include "image/float_image.h"
#include "image/grid.h"
#include "metrics/feature_distance.h"
#include "metrics/likeness.h"

namespace forger {
namespace {

/// Values of one measure: of what the model makes, of plain bicubic resizing and, where no truth is needed, of the
/// originals.
struct Compared {
  std::vector<double> model, bicubic, originals;
};

/// A picture, what the model makes of its small image, and what bicubic resizing does.
struct Enlarged {
  std::string name;
  Pixels truth, model, bicubic;
};

/// An image without a border, as floats in [-1, 1], `[1, C, H, W]`.
at::Tensor inner(const Pixels& image, int64_t border) {
  const auto pixels = to_tensor(image);
  const auto cut = pixels.slice(1, border, pixels.size(1) - border).slice(2, border, pixels.size(2) - border);
  return to_floats(cut.unsqueeze(0).contiguous());
}

/// Takes the measures that were asked for, picture by picture.
class UpscalingMeasures {
 public:
  UpscalingMeasures(const Questions& questions, const TaskOptions& options, int64_t border, TaskEvaluation& result)
      : options_(options), border_(border), result_(result) {
    if (wants(options, "niqe")) read_photographs_of(questions);
    if (wants(options, "feature-distance")) {
      features_ = learn_picture_features(questions.source(), questions.levels(), questions.place(), options.count);
    }
  }

  void add(const Enlarged& pictures) {
    const auto truth = inner(pictures.truth, border_);
    for (const auto& [made, into] :
         {std::pair(&pictures.model, &Compared::model), std::pair(&pictures.bicubic, &Compared::bicubic)}) {
      const auto received = inner(*made, border_);
      if (wants_likeness("")) add_likeness("", truth, received, into);
      if (wants_likeness("-y")) add_likeness("-y", bt601_luma(truth), bt601_luma(received), into);
    }
    if (photographs_ && photographs_->model) add_niqe(pictures);
    if (features_.net) add_distance(pictures);
  }

  /// Writes them into the result.
  void finish() const {
    for (const auto& metric : options_.metrics) {
      const auto values = found_.find(metric);
      if (values == found_.end()) {
        const auto reason = reason_of(metric);
        if (!reason.empty()) result_.measures.push_back(without_value(metric, reason));
        continue;
      }
      const auto& [model, bicubic, originals] = values->second;
      for (const auto& [name, numbers] : {std::pair(metric, &model), std::pair(metric + " of bicubic", &bicubic),
                                          std::pair(metric + " of the originals", &originals)}) {
        if (numbers->empty()) continue;
        const bool similar = metric.starts_with("ssim");
        auto measure = mean_of(name, *numbers, similar ? -1 : 0, similar ? 1 : std::numeric_limits<double>::infinity());
        measure.definition = definition_of(metric);
        result_.measures.push_back(std::move(measure));
      }
    }
  }

 private:
  void read_photographs_of(const Questions& questions) {
    if (options_.pristine.empty()) {  // those that cannot be read are named where they are measured
      photographs_ = read_photographs(questions.source(), questions.levels(), questions.place(), options_.count);
      return;
    }
    DataOptions pristine;
    pristine.source = options_.pristine;
    photographs_ = read_photographs(*open_source(pristine), questions.levels(), options_.pristine);
    result_.skipped.insert(result_.skipped.end(), photographs_->skipped.begin(), photographs_->skipped.end());
  }

  bool wants_likeness(const std::string& suffix) const {
    return wants(options_, "psnr" + suffix) || wants(options_, "ssim" + suffix);
  }

  void add_likeness(const std::string& suffix, const at::Tensor& truth, const at::Tensor& made,
                    std::vector<double> Compared::* into) {
    const auto likeness = compare_images(truth, made).front();
    (found_["psnr" + suffix].*into).push_back(likeness.psnr_db);
    (found_["ssim" + suffix].*into).push_back(likeness.ssim);
  }

  /// A picture counts for all three or for none.
  void add_niqe(const Enlarged& pictures) {
    std::vector<at::Tensor> features;
    try {
      for (const auto* picture : {&pictures.model, &pictures.bicubic, &pictures.truth})
        features.push_back(niqe_features(*picture, pictures.name));
    } catch (const Error& error) {
      result_.skipped.emplace_back(error.what());
      return;
    }
    auto& niqe = found_["niqe"];
    niqe.model.push_back(photographs_->model->distance(features[0]));
    niqe.bicubic.push_back(photographs_->model->distance(features[1]));
    niqe.originals.push_back(photographs_->model->distance(features[2]));
  }

  void add_distance(const Enlarged& pictures) {
    if (std::min(pictures.truth.height, pictures.truth.width) < kFeaturePart) {
      result_.skipped.push_back(
          fmt::format("feature-distance: {}: is {}x{} (height x width), accepted: at least {} pixels a side",
                      pictures.name, pictures.truth.height, pictures.truth.width, kFeaturePart));
      return;
    }
    auto& distances = found_["feature-distance"];
    distances.model.push_back(distance_of(*features_.net, pictures.truth, pictures.model));
    distances.bicubic.push_back(distance_of(*features_.net, pictures.truth, pictures.bicubic));
  }

  /// Why a measure has no value; empty of those that are taken elsewhere.
  std::string reason_of(const std::string& metric) const {
    if (metric == "niqe") return photographs_->model ? "no picture has enough patches" : photographs_->definition;
    if (metric != "feature-distance") return "";
    return features_.net ? "no picture is large enough" : features_.definition;
  }

  /// What the name of a measure stands for.
  std::string definition_of(const std::string& metric) const {
    if (metric == "niqe") return photographs_->definition;
    if (metric == "feature-distance") return features_.definition;
    const std::string values = metric.ends_with("-y") ? "the luma of BT.601 (16 to 235)" : "red, green and blue";
    const std::string measure = metric.starts_with("psnr")
                                    ? "10 log10 of 255² over the mean squared error of " + values
                                    : "Wang et al. 2004: whole 11x11 Gaussian windows of deviation 1.5, K1 0.01, "
                                      "K2 0.03, range 255, of " +
                                          values;
    return fmt::format("{}; a border of {} is left out", measure, counted(border_, "pixel"));
  }

  const TaskOptions& options_;
  int64_t border_;
  TaskEvaluation& result_;
  std::optional<Photographs> photographs_;
  PictureFeatures features_;
  std::map<std::string, Compared> found_;
};

}  // namespace

void measure_upscaling(const Model& model, const Questions& questions, const TaskOptions& options,
                       TaskEvaluation& result) {
  const int64_t scale = model.info().scale, border = scale;
  if (scale == 0) fail("metrics: received measures of upscaling, but the model is no upscaler");
  if (scale == 1 && options.low.empty()) {
    result.warnings.push_back(
        "the model's scale is 1: it is given the pictures themselves, and the measures say how little it changes them; "
        "option low gives it others");
  }
  constexpr int64_t kLeastSide = 11;  // a window of ssim
  const Pairs pairs(questions, options.low, scale, (kLeastSide + 2 * border + scale - 1) / scale * scale);
  UpscalingMeasures measures(questions, options, border, result);
  const auto prepare = [&](int64_t item, const Pixels& image) { return pairs.of(item, image, result.clipped); };
  for_each_image(questions, options.count, result, prepare, [&](int64_t item, Pair pair) {
    auto made = to_pixels(model.upscale(to_tensor(pair.small), {}));
    auto bicubic = to_pixels(resized(to_float(pair.small), pair.truth.height, pair.truth.width));
    measures.add({questions.source().name(item), std::move(pair.truth), std::move(made), std::move(bicubic)});
  });
  result.small_images = pairs.describe();
  measures.finish();
}

}  // namespace forger
