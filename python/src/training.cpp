#include "forger/training.h"

#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/map.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bindings.h"
#include "forger/error.h"
#include "long_call.h"

namespace nb = nanobind;
using namespace nb::literals;

namespace forger::python {
namespace {

using Path = std::filesystem::path;
using Settings = std::vector<std::pair<std::string, std::string>>;
/// Functions and dictionaries of Python by what they take and give, for readers of the type stubs.
using OnStep = std::optional<nb::typed<nb::callable, void(StepReport)>>;
using OnVerdict = std::optional<nb::typed<nb::callable, void(Verdict)>>;
using OnMessage = std::optional<nb::typed<nb::callable, void(std::string)>>;
using StopRequested = std::optional<nb::typed<nb::callable, bool()>>;
using Keys = nb::typed<nb::mapping, std::string, nb::object>;

struct Watchers {
  OnStep on_step;
  OnVerdict on_verdict;
  OnMessage on_message;
  StopRequested stop_requested;
};

/// A value as a person types it for --set: true, 1e-4, [32, 32].
std::string text_of(nb::handle value) {
  if (nb::isinstance<nb::bool_>(value)) return nb::cast<bool>(value) ? "true" : "false";
  if (!nb::isinstance<nb::list>(value) && !nb::isinstance<nb::tuple>(value)) return nb::str(value).c_str();
  std::string list;
  for (const auto item : value) list += (list.empty() ? "" : ", ") + text_of(item);
  return "[" + list + "]";
}

Settings settings_of(const Keys& keys) {
  Settings settings;
  for (const auto item : keys.items()) settings.emplace_back(nb::str(item[0]).c_str(), text_of(item[1]));
  return settings;
}

/// The watchers as the library calls them.
TrainingHooks hooks_of(LongCall& call, const Watchers& watchers) {
  TrainingHooks hooks;
  if (watchers.on_step) {
    hooks.on_step = [&](const StepReport& report) { call.ask([&] { (*watchers.on_step)(report); }); };
  }
  if (watchers.on_verdict) {
    hooks.on_verdict = [&](const Verdict& verdict) { call.ask([&] { (*watchers.on_verdict)(verdict); }); };
  }
  if (watchers.on_message) {
    hooks.on_message = [&](const std::string& text) { call.ask([&] { (*watchers.on_message)(text); }); };
  }
  hooks.stop_requested = [&] {
    bool stop = false;
    if (watchers.stop_requested) call.ask([&] { stop = nb::cast<bool>((*watchers.stop_requested)()); });
    return !call.goes_on() || stop;
  };
  return hooks;
}

TrainingResult train_in_python(const Path& data, const Path& out, const std::optional<Path>& recipe_or_file,
                               int64_t steps, double minutes, int64_t images, std::optional<uint64_t> seed,
                               const std::string& device, const Keys& keys, OnStep on_step, OnVerdict on_verdict,
                               OnMessage on_message, StopRequested stop_requested) {
  const Watchers watchers{std::move(on_step), std::move(on_verdict), std::move(on_message), std::move(stop_requested)};
  const auto settings = settings_of(keys);
  const std::string recipe = recipe_or_file ? recipe_or_file->string() : default_recipe(data.string());
  std::vector<std::string> notices;
  Config config = Config::from_recipe_or_file(recipe, &notices);
  config.data.source = data.string();
  if (steps != 0 || minutes != 0 || images != 0) {
    config.training.steps = steps;
    config.training.minutes = minutes;
    config.training.images = images;
  }
  for (const auto& [key, value] : settings) config.set(key, value, &notices);
  if (seed) config.training.seed = *seed;
  if (!device.empty()) config.training.device = device;
  if (watchers.on_message) {
    for (const auto& notice : notices) (*watchers.on_message)(notice);
  }
  LongCall call;
  return call.run([&] { return train(config, out, hooks_of(call, watchers)); });
}

TrainingResult resume_in_python(const Path& run, int64_t steps, double minutes, int64_t images,
                                const std::string& device, const Keys& keys, OnStep on_step, OnVerdict on_verdict,
                                OnMessage on_message, StopRequested stop_requested) {
  const Watchers watchers{std::move(on_step), std::move(on_verdict), std::move(on_message), std::move(stop_requested)};
  Settings settings;
  if (steps != 0 || minutes != 0 || images != 0) {
    settings = {{"training.steps", std::to_string(steps)},
                {"training.minutes", text_of(nb::float_(minutes))},
                {"training.images", std::to_string(images)}};
  }
  for (auto& setting : settings_of(keys)) settings.push_back(std::move(setting));
  if (!device.empty()) settings.emplace_back("training.device", device);
  LongCall call;
  return call.run([&] { return resume(run, settings, hooks_of(call, watchers)); });
}

constexpr const char* kTrain =
    R"(Trains on images and leaves everything in the run folder `out`, which is made (or empty).

data: a folder, a zip archive, an IDX file, tar shards or "synthetic:NAME".
recipe: a name of `recipes()` or a TOML file; None: what suits the data.
steps, minutes, images: the budget; what is reached first ends the training; all 0: the recipe's.
settings: keys of the recipe with their values, e.g. {"data.size": 32, "training.batch_size": 16}.
on_step, on_verdict, on_message, stop_requested: called on this thread between steps. What they raise, and Ctrl-C, ends
the training after a checkpoint and is raised then; True of stop_requested ends it without. `resume` goes on.

The interpreter's lock is not held in between. Raises Error before anything is written when configuration, data or
device cannot work.)";

}  // namespace

void add_training(nb::module_& module) {
  nb::class_<TrainingResult>(module, "TrainingResult", "What a training left behind.")
      .def_prop_ro(
          "end", [](const TrainingResult& result) { return end_name(result.end); },
          "\"finished\" (the budget is used up), \"settled\" (the referee ended it), \"stopped\" or \"diverged\".")
      .def_ro("run_folder", &TrainingResult::run_folder)
      .def_ro("step", &TrainingResult::step, "The last step done.")
      .def_ro("seconds", &TrainingResult::seconds, "Training time, stopped and resumed parts added up.")
      .def_ro("verdict", &TrainingResult::verdict, "The referee's last word, if it said anything.")
      .def("__repr__", [](const TrainingResult& result) {
        return "<forger.TrainingResult " + end_name(result.end) + " at step " + std::to_string(result.step) + " in " +
               result.run_folder.string() + ">";
      });
  module.def("train", &train_in_python, "data"_a, "out"_a, nb::kw_only(), "recipe"_a = nb::none(), "steps"_a = 0,
             "minutes"_a = 0.0, "images"_a = 0, "seed"_a = nb::none(), "device"_a = "", "settings"_a = nb::dict(),
             "on_step"_a = nb::none(), "on_verdict"_a = nb::none(), "on_message"_a = nb::none(),
             "stop_requested"_a = nb::none(), kTrain);
  module.def("resume", &resume_in_python, "run"_a, nb::kw_only(), "steps"_a = 0, "minutes"_a = 0.0, "images"_a = 0,
             "device"_a = "", "settings"_a = nb::dict(), "on_step"_a = nb::none(), "on_verdict"_a = nb::none(),
             "on_message"_a = nb::none(), "stop_requested"_a = nb::none(),
             "Goes on from the last checkpoint of a run folder, exactly as if the training had never stopped. Budget, "
             "settings and functions as in `train`. Raises Error when the folder holds no run, another process trains "
             "in it, or the data has another shape than before.");
  module.def("recipes", &recipes, "Name and comment of every recipe that comes with Forger, in alphabetical order.");
  module.def(
      "default_recipe", [](const Path& data) { return default_recipe(data.string()); }, "data"_a,
      "The recipe that suits the data when nobody names one.");
}

}  // namespace forger::python
