#include "forger/verdict.h"

#include <nanobind/stl/map.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <string>
#include <vector>

#include "bindings.h"
#include "forger/judge.h"
#include "forger/step_report.h"

namespace nb = nanobind;

namespace forger::python {
namespace {

std::vector<std::string> names_of(const std::vector<State>& states) {
  std::vector<std::string> names;
  names.reserve(states.size());
  for (const auto state : states) names.push_back(state_name(state));
  return names;
}

void add_step_report(nb::module_& module) {
  nb::class_<LogitReport>(module, "LogitReport", "What the discriminator answered to one batch of images in one step.")
      .def_ro("mean", &LogitReport::mean)
      .def_ro("spread", &LogitReport::spread)
      .def_ro("p_real", &LogitReport::p_real, "Mean p(real), 0 to 1; NaN where logits have no such meaning.");
  nb::class_<PlayerReport>(module, "PlayerReport", "What one player's last turn did.")
      .def_ro("name", &PlayerReport::name)
      .def_ro("learning_rate", &PlayerReport::learning_rate)
      .def_ro("gradient_norm", &PlayerReport::gradient_norm)
      .def_ro("weight_norm", &PlayerReport::weight_norm)
      .def_ro("update_ratio", &PlayerReport::update_ratio, "Norm of the step taken over `weight_norm`.");
  nb::class_<StepReport>(module, "StepReport", "The plain numbers of one training step, as in steps.jsonl.")
      .def_ro("step", &StepReport::step, "Generator turns done since the start of the run, this one included.")
      .def_ro("images", &StepReport::images, "Real images shown since the start of the run.")
      .def_ro("seconds", &StepReport::seconds, "Training time since the start of the run.")
      .def_ro("step_seconds", &StepReport::step_seconds)
      .def_ro("data_wait_seconds", &StepReport::data_wait_seconds)
      .def_ro("images_per_second", &StepReport::images_per_second)
      .def_ro("losses", &StepReport::losses, "By name: \"generator\", \"discriminator\", and each penalty.")
      .def_ro("real", &StepReport::real)
      .def_ro("fake", &StepReport::fake)
      .def_ro("players", &StepReport::players)
      .def_ro("finite", &StepReport::finite, "Whether all was finite. If not, the step was not applied.")
      .def_ro("bad_steps", &StepReport::bad_steps, "Steps not applied since the start of the run.");
}

}  // namespace

void add_verdicts(nb::module_& module) {
  add_step_report(module);
  nb::class_<Evidence>(module, "Evidence", "One measurement that a verdict rests on.")
      .def_ro("name", &Evidence::name)
      .def_ro("value", &Evidence::value)
      .def_ro("low", &Evidence::low, "Of a 90 or 95 % interval; NaN where there is none.")
      .def_ro("high", &Evidence::high)
      .def_ro("baseline", &Evidence::baseline, "The same measured on real against real, or NaN.")
      .def_ro("threshold", &Evidence::threshold, "The limit that the verdict compares with.");
  nb::class_<Remedy>(module, "Remedy", "Something that mends a state.")
      .def_ro("what", &Remedy::what)
      .def_ro("why", &Remedy::why)
      .def_ro("source", &Remedy::source)
      .def_ro("automatic", &Remedy::automatic, "Whether referee.mend does it by itself.")
      .def_ro("settings", &Remedy::settings, "The keys that it changes then, with their values.")
      .def_ro("restarts", &Remedy::restarts, "Whether new networks have to start over.");
  nb::class_<MendEvent>(module, "MendEvent", "What mending did after a verdict.")
      .def_ro("action", &MendEvent::action, "\"begun\", \"kept\" or \"undone\".")
      .def_ro("attempt", &MendEvent::attempt, "Number of the attempt, from 1.")
      .def_prop_ro("against", [](const MendEvent& event) { return state_name(event.against); })
      .def_ro("remedy", &MendEvent::remedy)
      .def_ro("back_to_step", &MendEvent::back_to_step, "The step that it went back to; -1: to none.");
  nb::class_<Verdict>(module, "Verdict", "What the referee says after a check (docs/referee.md).")
      .def_ro("step", &Verdict::step)
      .def_prop_ro(
          "state", [](const Verdict& verdict) { return state_name(verdict.state); },
          "\"healthy-duel\", \"full-collapse\", \"copying\" and so on.")
      .def_ro("way", &Verdict::way, "Of a game that goes both ways, \"a2b\" or \"b2a\"; else empty.")
      .def_ro("sentence", &Verdict::sentence, "One sentence for people, with the numbers in it.")
      .def_ro("since_step", &Verdict::since_step, "The first check at which the state held without a break.")
      .def_prop_ro(
          "also", [](const Verdict& verdict) { return names_of(verdict.also); }, "Further states that hold.")
      .def_ro("evidence", &Verdict::evidence, "The most telling first.")
      .def_ro("remedies", &Verdict::remedies)
      .def_ro("check_seconds", &Verdict::check_seconds)
      .def_ro("mend", &Verdict::mend, "What mending did about it, if anything.")
      .def("to_json", &to_json, "One line of JSON, as in verdicts.jsonl.")
      .def("__str__", [](const Verdict& verdict) { return state_name(verdict.state) + ": " + verdict.sentence; })
      .def("__repr__", [](const Verdict& verdict) {
        return "<forger.Verdict " + state_name(verdict.state) + " at step " + std::to_string(verdict.step) + ">";
      });
}

}  // namespace forger::python
