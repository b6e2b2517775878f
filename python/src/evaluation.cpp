#include "forger/evaluation.h"

#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <filesystem>
#include <string>
#include <vector>

#include "bindings.h"
#include "long_call.h"

namespace nb = nanobind;
using namespace nb::literals;

namespace forger::python {
namespace {

using Path = std::filesystem::path;
using Names = std::vector<std::string>;

Evaluation evaluate_samples(const Path& samples, const Path& data, const Names& metrics, int64_t count, uint64_t seed,
                            const std::string& split, const std::string& levels, bool resize, const Path& inception,
                            const std::string& device) {
  EvaluationOptions options;
  options.metrics = metrics;
  options.count = count;
  options.seed = seed;
  options.split = split;
  options.levels = levels;
  options.resize = resize;
  options.inception = inception;
  options.device = device;
  return LongCall().run_or_interrupt([&] { return evaluate(samples.string(), data.string(), options); });
}

TaskEvaluation evaluate_model(const Path& model, const Path& data, const Names& metrics, const Names& normal,
                              const std::string& resize, const Path& low, const std::string& pairs,
                              const std::string& direction, const Path& pristine, int64_t count,
                              const std::string& device) {
  TaskOptions options;
  options.metrics = metrics;
  options.normal = normal;
  options.resize = resize;
  options.low = low.string();
  options.pairs = pairs;
  options.direction = direction;
  options.pristine = pristine.string();
  options.count = count;
  options.device = device;
  return LongCall().run_or_interrupt([&] { return evaluate_task(model.string(), data.string(), options); });
}

void add_results(nb::module_& module) {
  nb::class_<Measure>(module, "Measure", "One measure of the samples, beside the same measure of real images.")
      .def_ro("name", &Measure::name)
      .def_ro("value", &Measure::value)
      .def_ro("low", &Measure::low, "Of a 95 % interval (\"c2st\": 90 %); NaN where so few images tell of none.")
      .def_ro("high", &Measure::high)
      .def_ro("baseline", &Measure::baseline, "What a perfect generator would get.")
      .def_ro("better", &Measure::better, "\"lower\", \"higher\" or \"near the baseline\".")
      .def_ro("reason", &Measure::reason, "Why there is no value, which is NaN then; else empty.");
  nb::class_<Evaluation>(module, "Evaluation", "What `evaluate` found, and what the numbers depend on.")
      .def_ro("measures", &Evaluation::measures)
      .def_ro("warnings", &Evaluation::warnings)
      .def_ro("samples", &Evaluation::samples)
      .def_ro("reference_images", &Evaluation::reference_images)
      .def_ro("baseline_images", &Evaluation::baseline_images)
      .def_ro("training_images", &Evaluation::training_images)
      .def_ro("split", &Evaluation::split)
      .def_ro("channels", &Evaluation::channels)
      .def_ro("height_px", &Evaluation::height_px)
      .def_ro("width_px", &Evaluation::width_px)
      .def_ro("resize", &Evaluation::resize)
      .def_ro("feature_net", &Evaluation::feature_net)
      .def_ro("feature_hash", &Evaluation::feature_hash)
      .def_ro("incomplete", &Evaluation::incomplete);
  nb::class_<TaskMeasure>(module, "TaskMeasure", "One measure of what a model makes of given images.")
      .def_ro("name", &TaskMeasure::name)
      .def_ro("value", &TaskMeasure::value)
      .def_ro("low", &TaskMeasure::low, "Of a 95 % interval; NaN where none is known.")
      .def_ro("high", &TaskMeasure::high)
      .def_ro("reason", &TaskMeasure::reason, "Why there is no value, which is NaN then; else empty.")
      .def_ro("definition", &TaskMeasure::definition, "Which definition the name stands for, where tools differ.");
  nb::class_<TaskEvaluation>(module, "TaskEvaluation", "What `evaluate_task` found.")
      .def_ro("measures", &TaskEvaluation::measures)
      .def_ro("images", &TaskEvaluation::images)
      .def_ro("normal", &TaskEvaluation::normal)
      .def_ro("anomalous", &TaskEvaluation::anomalous)
      .def_ro("masks", &TaskEvaluation::masks)
      .def_ro("small_images", &TaskEvaluation::small_images)
      .def_ro("pairs", &TaskEvaluation::pairs)
      .def_ro("clipped", &TaskEvaluation::clipped)
      .def_ro("skipped", &TaskEvaluation::skipped)
      .def_ro("warnings", &TaskEvaluation::warnings);
}

}  // namespace

void add_evaluation(nb::module_& module) {
  add_results(module);
  module.def("evaluate", &evaluate_samples, "samples"_a, "data"_a, nb::kw_only(), "metrics"_a = Names(), "count"_a = 0,
             "seed"_a = 1, "split"_a = "held-out", "levels"_a = "", "resize"_a = false, "inception"_a = "",
             "device"_a = "auto",
             "Measures samples (a model file, a run folder, a .npz or a folder of images) against data. `metrics`: of "
             "`evaluation_metrics()`, none: all. `count`: samples taken, 0: as many as there are reference images, at "
             "most 10,000. `inception`: a network's file; none: features are learnt from the training images.");
  module.def("evaluate_task", &evaluate_model, "model"_a, "data"_a, "metrics"_a, nb::kw_only(), "normal"_a = Names(),
             "resize"_a = "", "low"_a = "", "pairs"_a = "", "direction"_a = "", "pristine"_a = "", "count"_a = 0,
             "device"_a = "auto",
             "Measures how well a model makes the images of `data` again, tells its normal classes from the others, "
             "enlarges or translates them. `metrics`: of `task_metrics()`. `count`: images looked at, 0: all.");
  module.def("evaluation_metrics", &evaluation_metrics, "The names that `evaluate` accepts.");
  module.def("task_metrics", &task_metrics, "The names that `evaluate_task` accepts.");
}

}  // namespace forger::python
