#include "config/option_helpers.h"
#include "config/sections.h"
#include "core/fail.h"

namespace forger {
namespace {

void check_referee(const Config& config) {
  const RefereeOptions& referee = config.referee;
  if (referee.mode == "off" && (referee.mend || referee.until != "budget")) {
    fail("referee.mode: received \"off\", accepted with referee.mend or referee.until: light or full");
  }
}

}  // namespace

Section referee_section() {
  return {
      "referee",
      {
          {"referee.mode",
           place<&Config::referee, &RefereeOptions::mode>,
           {.words = {"off", "light", "full"}, .other_names = {{"none", "off"}, {"on", "light"}}},
           "How thoroughly the referee looks: full takes more images a check, surer and dearer."},
          {"referee.every_steps", place<&Config::referee, &RefereeOptions::every_steps>, count(),
           "A check after so many steps; 0: as often as cost allows."},
          {"referee.cost", place<&Config::referee, &RefereeOptions::cost>, above(0, 1),
           "The share of the training time that checks may take."},
          {"referee.start_steps", place<&Config::referee, &RefereeOptions::start_steps>, count(),
           "Steps before which nothing but \"diverged\" is said, if half of the budget is not used up before."},
          {"referee.until", place<&Config::referee, &RefereeOptions::until>, words({"budget", "converged", "plateau"}),
           "What ends the training before its budget: nothing, convergence, or that or a good plateau."},
          {"referee.mend",
           place<&Config::referee, &RefereeOptions::mend>,
           {},
           "Mends a sick training: rolls back, changes one thing, keeps it if the samples improve."},
          {"referee.attempts", place<&Config::referee, &RefereeOptions::attempts>, range(0, 100),
           "Mending gives up after so many attempts."},
      },
      check_referee};
}

}  // namespace forger
