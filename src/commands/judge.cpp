#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "commands/commands.h"
#include "commands/output.h"
#include "commands/output_file.h"
#include "commands/print_verdict.h"
#include "commands/terminal.h"
#include "core/fail.h"
#include "core/utf8.h"
#include "forger/judge.h"
#include "referee/texts.h"
#include "referee/verdict.h"

namespace forger::commands {
namespace {

struct JudgeArguments {
  std::string run;
  std::string samples;
  std::string data;
  std::string levels;
  std::string report;
  std::string device = "auto";
  std::string language = "en";
  bool full = false;
  bool json = false;
};

/// Rows of equal states become one line each.
void print_timeline(const Judgement& judgement, const Texts& texts) {
  const auto& timeline = judgement.timeline;
  if (!timeline.empty()) print("\n{}\n", texts.text("label", "timeline"));
  for (size_t i = 0; i < timeline.size();) {
    size_t end = i;
    while (end < timeline.size() && timeline[end].second == timeline[i].second) ++end;
    const auto steps = texts.text(
        "label", "steps",
        {{"first", fmt::format("{:>8}", timeline[i].first)}, {"last", fmt::format("{:>8}", timeline[end - 1].first)}});
    print("  {}  {}\n", steps, state_name(timeline[i].second));
    i = end;
  }
}

Judgement judgement_of(const JudgeArguments& arguments) {
  const JudgeOptions options{
      .data = arguments.data, .full = arguments.full, .language = arguments.language, .device = arguments.device};
  if (arguments.samples.empty() == arguments.run.empty()) {
    fail("judge: received {}, accepted: a run folder, or --samples FILE --data DATA",
         arguments.run.empty() ? "neither a run nor samples" : "both a run and samples");
  }
  if (arguments.samples.empty() && !arguments.levels.empty()) {
    fail("--levels: received with a run, accepted: with --samples; a run says itself how 16-bit images become 8 bits");
  }
  if (arguments.samples.empty()) return judge(arguments.run, options);
  if (arguments.data.empty())
    fail("--samples: received without --data, accepted: with the real images to compare with");
  if (!arguments.report.empty()) fail("--report: received with --samples, accepted: with a run folder");
  DataOptions data;
  data.source = arguments.data;
  if (!arguments.levels.empty()) data.levels = arguments.levels;
  return judge_samples(arguments.samples, data, options);
}

int judge_command(const JudgeArguments& arguments) {
  if (!arguments.report.empty()) prepare_output_file("--report", arguments.report);
  const auto judgement = judgement_of(arguments);
  const auto& verdict = judgement.verdict;
  for (const auto& reason : judgement.incomplete) print_error("incomplete: {}\n", printable(reason));
  if (!arguments.report.empty()) write_report(arguments.run, arguments.report, verdict, arguments.language);
  for (const auto& warning : judgement.warnings) print_error("warning: {}\n", printable(warning));
  if (arguments.json) {
    print("{}\n", to_json(verdict));
  } else {
    const Texts& texts = Texts::in(arguments.language);
    print_verdict(verdict, arguments.run, texts);
    print_evidence(verdict, texts);
    print_timeline(judgement, texts);
    if (!arguments.report.empty()) print("\n{} {}\n", texts.text("label", "report"), arguments.report);
  }
  return is_sick(verdict.state) ? 1 : 0;
}

}  // namespace

void add_judge(Program& program) {
  auto arguments = std::make_shared<JudgeArguments>();
  auto* command = program.app.add_subcommand("judge", "Say whether a training works, why not, and what mends it");
  command->add_option("RUN", arguments->run, "Run folder");
  command->add_option("--samples", arguments->samples, "Instead of a run: samples of any model, a .npz or a folder");
  command->add_option("--data", arguments->data, "Real images; default: those of the run");
  command->add_option("--levels", arguments->levels,
                      "With --samples: how 16-bit images become 8 bits, as data.levels; default: keep");
  command->add_flag("--full", arguments->full,
                    "Look at more images, and train a critic on pixels: surer and much slower");
  command->add_flag("--json", arguments->json, "Print the verdict as JSON");
  command->add_option("--lang", arguments->language, "Language: en or ja")->capture_default_str();
  command->add_option("--report", arguments->report, "Also write a page about the run, one HTML file");
  command->add_option("--device", arguments->device, "auto, cpu, cuda or cuda:N");
  command->callback([arguments, &program] { program.exit_code = judge_command(*arguments); });
}

}  // namespace forger::commands
