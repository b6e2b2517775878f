#include <algorithm>
#include <cmath>

#include "api/known_data.h"
#include "api/task_measures.h"
#include "core/fail.h"
#include "core/team.h"
#include "core/text.h"
#include "forger/evaluation.h"
#include "run/run_folder.h"

namespace forger {
namespace {

using Measure = void (*)(const Model&, const Questions&, const TaskOptions&, TaskEvaluation&);

/// Measures that are taken together.
struct Task {
  std::vector<std::string> metrics;
  Measure measure;
  /// Whether normal images are told from others: then the data needs classes.
  bool detects = false;
  /// Whether what is made has a truth: then what it is made from may be given.
  bool has_truths = false;
};

void measure_against_truth(const Model& model, const Questions& questions, const TaskOptions& options,
                           TaskEvaluation& result) {
  (model.info().has_translator ? measure_translation : measure_upscaling)(model, questions, options, result);
}

const std::vector<Task>& tasks() {
  static const std::vector<Task> all = {
      {.metrics = {"reconstruction"}, .measure = measure_reconstruction},
      {.metrics = {"auroc", "pixel-auroc", "pro"}, .measure = measure_detection, .detects = true},
      {.metrics = {"psnr-y", "ssim-y", "psnr", "ssim", "l1", "niqe", "feature-distance", "fid", "kid"},
       .measure = measure_against_truth,
       .has_truths = true},
  };
  return all;
}

bool is_wanted(const Task& task, const TaskOptions& options) {
  return std::ranges::any_of(task.metrics, [&](const auto& metric) { return wants(options, metric); });
}

/// Throws Error where one of the measures is unknown, or none is asked for.
void check_metrics(const TaskOptions& options) {
  const auto& known = task_metrics();
  if (options.metrics.empty()) fail("metrics: received none, accepted: {}", join(known));
  for (const auto& metric : options.metrics) {
    if (std::ranges::find(known, metric) != known.end()) continue;
    fail("metrics: received \"{}\", accepted: {}{}", metric, join(known), did_you_mean(metric, known));
  }
  for (const auto& task : tasks()) {
    if (!task.has_truths || is_wanted(task, options)) continue;
    for (const auto& [option, value] : {std::pair("low", options.low), std::pair("pairs", options.pairs),
                                        std::pair("direction", options.direction)}) {
      if (value.empty()) continue;
      fail("option {}: received {} with {}, accepted with {}", option, value, join(options.metrics),
           join(task.metrics));
    }
  }
}

/// Throws Error where an option is for models of another kind.
void check_kind(const TaskOptions& options, const ModelInfo& info) {
  if (info.has_translator) {
    if (!options.low.empty()) fail("option low: received {}, accepted with a model of super-resolution", options.low);
    return;
  }
  for (const char* metric : {"fid", "kid"}) {
    if (wants(options, metric))
      fail("metrics: received {} with {}, accepted with a model of translation", metric, join(options.metrics));
  }
  for (const auto& [option, value] : {std::pair("pairs", options.pairs), std::pair("direction", options.direction)}) {
    if (!value.empty()) fail("option {}: received {}, accepted with a model of translation", option, value);
  }
}

}  // namespace

const std::vector<std::string>& task_metrics() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const auto& task : tasks()) all.insert(all.end(), task.metrics.begin(), task.metrics.end());
    return all;
  }();
  return names;
}

bool is_translator(const std::string& path) {
  const auto extension = std::filesystem::path(path).extension();
  const bool is_model = RunFolder::is_run(path) || extension == ".safetensors" || extension == ".pth";
  return is_model && Model::load(path, "cpu").info().has_translator;
}

TaskEvaluation evaluate_task(const std::string& path, const std::string& data, const TaskOptions& options) {
  check_metrics(options);
  if (!options.pristine.empty() && !wants(options, "niqe")) {
    fail("option pristine: received {} with {}, accepted with niqe", options.pristine, join(options.metrics));
  }
  const bool is_pictures = std::filesystem::is_directory(path) && !RunFolder::is_run(path);
  if (is_pictures && std::ranges::all_of(options.metrics, [](const auto& metric) { return metric == "niqe"; })) {
    return measure_pictures(path, data, options);
  }
  const Model model = Model::load(path, options.device);
  if (model.info().height_px == 1) fail("{}: this model makes points, accepted: a model of images", path);
  check_kind(options, model.info());
  const bool detects =
      std::ranges::any_of(tasks(), [&](const Task& task) { return task.detects && is_wanted(task, options); });
  if (detects) model.map_threshold(0.5);  // says so where the model has no detector
  const Questions questions(data, detects, options, model.info());
  TaskEvaluation result;
  const auto known = known_data(model.info());
  if (known && change_between(*known, record_of(questions.source(), known->held_out)).what.empty()) {
    result.warnings.push_back(
        "these are the data that the model was trained on, and measures on them look too good: give others");
  }
  for (const auto& task : tasks()) {
    if (!is_wanted(task, options)) continue;
    result.images = 0;
    result.skipped.clear();
    result.clipped = 0;
    task.measure(model, questions, options, result);
  }
  if (options.team && options.team->rank() > 0) return {};
  for (auto& reason : questions.source().incomplete()) result.skipped.push_back(std::move(reason));
  for (auto& measure : result.measures) {
    if (std::isnan(measure.value) && measure.reason.empty()) measure.reason = "the model's answers are not numbers";
  }
  const auto has_value = [](const TaskMeasure& measure) { return measure.reason.empty(); };
  if (std::none_of(result.measures.begin(), result.measures.end(), has_value)) {
    fail("{}: {}", result.measures.at(0).name, result.measures.at(0).reason);
  }
  return result;
}

}  // namespace forger
