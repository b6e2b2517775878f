#include "forger/judge.h"

#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "bindings.h"
#include "long_call.h"

namespace nb = nanobind;
using namespace nb::literals;

namespace forger::python {
namespace {

using Path = std::filesystem::path;

Judgement judge_run(const Path& run, const Path& data, bool full, const std::string& language,
                    const std::string& device) {
  return LongCall().run_or_interrupt(
      [&] { return judge(run, {.data = data.string(), .full = full, .language = language, .device = device}); });
}

Judgement judge_any_samples(const Path& samples, const Path& data, const std::string& levels, bool full,
                            const std::string& language, const std::string& device) {
  DataOptions source;
  source.source = data.string();
  source.levels = levels;
  return LongCall().run_or_interrupt([&] {
    return judge_samples(samples, source, {.data = {}, .full = full, .language = language, .device = device});
  });
}

}  // namespace

void add_judging(nb::module_& module) {
  nb::class_<Judgement>(module, "Judgement", "What the referee says about a run or about samples.")
      .def_ro("verdict", &Judgement::verdict)
      .def_prop_ro(
          "timeline",
          [](const Judgement& judgement) {
            std::vector<std::pair<int64_t, std::string>> named;
            for (const auto& [step, state] : judgement.timeline) named.emplace_back(step, state_name(state));
            return named;
          },
          "The states of the run's checks so far, as (step, state); empty for samples.")
      .def_ro("warnings", &Judgement::warnings, "What a reader of the verdict must know besides.")
      .def_ro("incomplete", &Judgement::incomplete, "Archives of the data that were cut short, with what is wrong.")
      .def("__str__", [](const Judgement& judgement) {
        return state_name(judgement.verdict.state) + ": " + judgement.verdict.sentence;
      });
  module.def("judge", &judge_run, "run"_a, nb::kw_only(), "data"_a = "", "full"_a = false, "language"_a = "en",
             "device"_a = "auto",
             "Judges the newest checkpoint of a run, in the light of the checks that its training made. `data`: real "
             "images instead of the run's own. `full`: surer and slower. `language`: \"en\" or \"ja\". Raises Error "
             "when the folder holds no run or no checkpoint, or the data cannot be opened.");
  module.def("judge_samples", &judge_any_samples, "samples"_a, "data"_a, nb::kw_only(), "levels"_a = "keep",
             "full"_a = false, "language"_a = "en", "device"_a = "auto",
             "Judges samples that anything made, a .npz or a folder of images, against real images. Raises Error when "
             "they are fewer than 2, or of another size or channels than `data` gives.");
  module.def(
      "write_report",
      [](const Path& run, const Path& html, const Verdict& verdict, const std::string& language) {
        const nb::gil_scoped_release unlocked;
        write_report(run, html, verdict, language);
      },
      "run"_a, "html"_a, "verdict"_a, "language"_a = "en",
      "Writes a page about a run, one file that needs no network: timeline of verdicts, charts, sample grids.");
}

}  // namespace forger::python
