#include "api/truth_measures.h"

#include <algorithm>
#include <utility>

#include "core/fail.h"
#include "core/plural.h"
#include "core/torch.h"
#include "image/grid.h"
#include "metrics/feature_distance.h"
#include "metrics/likeness.h"

namespace forger {
namespace {

/// An image without a border, as floats in [-1, 1], `[1, C, H, W]`.
at::Tensor inner(const Pixels& image, int64_t border) {
  const auto pixels = to_tensor(image);
  const auto cut = pixels.slice(1, border, pixels.size(1) - border).slice(2, border, pixels.size(2) - border);
  return to_floats(cut.unsqueeze(0).contiguous());
}

}  // namespace

TruthMeasures::TruthMeasures(const Questions& questions, const TaskOptions& options, std::string plain, int64_t border,
                             ItemLists& lists, TaskEvaluation& result)
    : options_(options), plain_(std::move(plain)), border_(border), lists_(lists), result_(result) {
  if (wants(options, "niqe")) read_photographs_of(questions);
  if (wants(options, "feature-distance")) {
    features_ = learn_picture_features(questions.source(), questions.levels(), questions.place(), options.count);
  }
}

std::string TruthMeasures::list_of(const std::string& metric, Of of) {
  return metric + (of == Of::model ? " of the model" : of == Of::plain ? " of the plain" : " of the originals");
}

void TruthMeasures::add(int64_t item, const AnsweredPicture& pictures) {
  const auto truth = inner(pictures.truth, border_);
  const auto compare = [&](const Pixels& made, Of of) {
    const auto received = inner(made, border_);
    if (wants_likeness("")) add_likeness(item, "", truth, received, of);
    if (wants_likeness("-y")) add_likeness(item, "-y", bt601_luma(truth), bt601_luma(received), of);
    if (wants(options_, "l1")) lists_.add(item, list_of("l1", of), (truth - received).abs().mean().item<double>());
  };
  compare(pictures.model, Of::model);
  if (pictures.plain) compare(*pictures.plain, Of::plain);
  if (photographs_ && photographs_->model) add_niqe(item, pictures);
  if (features_.net) add_distance(item, pictures);
}

void TruthMeasures::finish() const {
  for (const auto& metric : options_.metrics) {
    const auto numbers_of = [&](Of of) -> const std::vector<double>& { return lists_.numbers(list_of(metric, of)); };
    if (numbers_of(Of::model).empty()) {
      const auto reason = reason_of(metric);
      if (!reason.empty()) result_.measures.push_back(without_value(metric, reason));
      continue;
    }
    for (const auto& [name, of] : {std::pair(metric, Of::model), std::pair(metric + " of " + plain_, Of::plain),
                                   std::pair(metric + " of the originals", Of::originals)}) {
      const auto& numbers = numbers_of(of);
      if (numbers.empty()) continue;
      const bool similar = metric.starts_with("ssim");
      auto measure = mean_of(name, numbers, similar ? -1 : 0, similar ? 1 : std::numeric_limits<double>::infinity());
      measure.definition = definition_of(metric);
      result_.measures.push_back(std::move(measure));
    }
  }
}

void TruthMeasures::read_photographs_of(const Questions& questions) {
  if (options_.pristine.empty()) {  // those that cannot be read are named where they are measured
    photographs_ = read_photographs(questions.source(), questions.levels(), questions.place(), options_.count);
    return;
  }
  DataOptions pristine;
  pristine.source = options_.pristine;
  photographs_ = read_photographs(*open_source(pristine), questions.levels(), options_.pristine);
  result_.skipped.insert(result_.skipped.end(), photographs_->skipped.begin(), photographs_->skipped.end());
}

bool TruthMeasures::wants_likeness(const std::string& suffix) const {
  return wants(options_, "psnr" + suffix) || wants(options_, "ssim" + suffix);
}

void TruthMeasures::add_likeness(int64_t item, const std::string& suffix, const at::Tensor& truth,
                                 const at::Tensor& made, Of of) {
  const auto likeness = compare_images(truth, made).front();
  lists_.add(item, list_of("psnr" + suffix, of), likeness.psnr_db);
  lists_.add(item, list_of("ssim" + suffix, of), likeness.ssim);
}

/// A picture counts for all of them or for none.
void TruthMeasures::add_niqe(int64_t item, const AnsweredPicture& pictures) {
  std::vector<std::pair<Of, double>> distances;
  for (const auto& [picture, of] :
       {std::pair(&pictures.model, Of::model), std::pair(pictures.plain ? &*pictures.plain : nullptr, Of::plain),
        std::pair(&pictures.truth, Of::originals)}) {
    if (!picture) continue;
    try {
      distances.emplace_back(of, photographs_->model->distance(niqe_features(*picture, pictures.name)));
    } catch (const Error& error) {
      lists_.add(item, kSkippedList, std::string(error.what()));
      return;
    }
  }
  for (const auto& [of, distance] : distances) lists_.add(item, list_of("niqe", of), distance);
}

void TruthMeasures::add_distance(int64_t item, const AnsweredPicture& pictures) {
  if (std::min(pictures.truth.height, pictures.truth.width) < kFeaturePart) {
    lists_.add(item, kSkippedList,
               fmt::format("feature-distance: {}: is {}x{} (height x width), accepted: at least {} pixels a side",
                           pictures.name, pictures.truth.height, pictures.truth.width, kFeaturePart));
    return;
  }
  const auto add = [&](const Pixels& made, Of of) {
    lists_.add(item, list_of("feature-distance", of), distance_of(*features_.net, pictures.truth, made));
  };
  add(pictures.model, Of::model);
  if (pictures.plain) add(*pictures.plain, Of::plain);
}

std::string TruthMeasures::reason_of(const std::string& metric) const {
  if (metric == "niqe") return photographs_->model ? "no picture has enough patches" : photographs_->definition;
  if (metric != "feature-distance") return "";
  return features_.net ? "no picture is large enough" : features_.definition;
}

std::string TruthMeasures::definition_of(const std::string& metric) const {
  if (metric == "niqe") return photographs_->definition;
  if (metric == "feature-distance") return features_.definition;
  const std::string values = metric.ends_with("-y") ? "the luma of BT.601 (16 to 235)" : "red, green and blue";
  std::string measure =
      metric == "l1" ? "mean absolute difference of " + values + " in [-1, 1], as a training's loss \"pixels\""
      : metric.starts_with("psnr")
          ? "10 log10 of 255² over the mean squared error of " + values
          : "Wang et al. 2004: whole 11x11 Gaussian windows of deviation 1.5, K1 0.01, K2 0.03, range 255, of " +
                values;
  if (border_ == 0) return measure;
  return fmt::format("{}; a border of {} is left out", measure, counted(border_, "pixel"));
}

}  // namespace forger
