// Judges a run again from what was measured: prints each check's step and state, one JSON object a line. For
// calibrating limits without training again.
//
//     rejudge RUN...   (prints a line with "run" before each)
#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <vector>

#include "forger/config.h"
#include "referee/check.h"
#include "referee/detectors.h"
#include "referee/referee.h"
#include "referee/ways.h"
#include "run/journal.h"
#include "run/run_folder.h"

int main(int argc, char** argv) {
  using namespace forger;
  try {
    for (int i = 1; i < argc; ++i) {
      const auto run = RunFolder::open(argv[i]);
      const auto config = Config::from_file(run.config());
      fmt::print("{{\"run\": \"{}\"}}\n", argv[i]);
      std::vector<Check> checks;
      for (const auto& line : read_journal(run.metrics()).entries) {
        checks.push_back(check_from_json(line));
        const auto& last = checks.back();
        const auto situation = situation_of(config, {last.step, last.images, last.seconds});
        const auto verdict = judge_ways(present_game(checks), situation, config, Texts::in("en"));
        fmt::print("{{\"step\": {}, \"state\": \"{}\"}}\n", checks.back().step, state_name(verdict.state));
      }
    }
  } catch (const std::exception& error) {
    fmt::print(stderr, "rejudge: {}\n", error.what());
    return 1;
  }
}
