#include "commands/print_verdict.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "commands/terminal.h"
#include "referee/verdict.h"
#include "run/run_folder.h"

namespace forger::commands {
namespace {

constexpr size_t kTelling = 3;

std::string number(double value) { return std::isfinite(value) ? fmt::format("{:.3g}", value) : "-"; }

/// The settings of a remedy as a command that a person can type.
std::string command_of(const Remedy& remedy, const std::string& run) {
  std::string text = "forger resume " + run;
  if (remedy.restarts) {
    const auto recipe = RunFolder::open(run).config();
    text = fmt::format("forger train {} --recipe {}", Config::from_file(recipe).data.source, recipe.string());
  }
  for (const auto& [key, value] : remedy.settings) text += fmt::format(" --set {}={}", key, value);
  return text;
}

}  // namespace

void print_verdict(const Verdict& verdict, const std::string& run, const Texts& texts) {
  // Samples alone have no course.
  const auto since = texts.text("label", "since", {{"step", std::to_string(verdict.since_step)}});
  fmt::print("\n{}{}\n{}\n", bold(state_name(verdict.state)), run.empty() ? "" : " (" + since + ")", verdict.sentence);
  for (size_t i = 0; i < std::min(kTelling, verdict.evidence.size()); ++i) {
    const auto& item = verdict.evidence[i];
    fmt::print("  {}: {}", item.name, number(item.value));
    if (std::isfinite(item.baseline)) {
      fmt::print(" ({}: {})", texts.text("label", "real-against-real"), number(item.baseline));
    }
    fmt::print("\n");
  }
  for (const auto& remedy : verdict.remedies) {
    fmt::print("  {}: {}. {} [{}]\n", texts.text("label", "try"), remedy.what, remedy.why, remedy.source);
    if (!remedy.settings.empty() && !run.empty()) fmt::print("       {}\n", command_of(remedy, run));
  }
  fmt::print("\n");
}

void print_evidence(const Verdict& verdict, const Texts& texts) {
  const auto label = [&](const char* name) { return texts.text("label", name); };
  size_t width = 8;
  for (const auto& item : verdict.evidence) width = std::max(width, item.name.size());
  fmt::print("  {:<{}} {:>9} {:>21} {:>12} {:>9}\n", label("evidence"), width, label("value"), label("interval"),
             label("real-real"), label("limit"));
  for (const auto& item : verdict.evidence) {
    const auto interval =
        std::isfinite(item.low) && std::isfinite(item.high) ? fmt::format("{} … {}", number(item.low), number(item.high))
                                                            : "-";
    fmt::print("  {:<{}} {:>9} {:>21} {:>12} {:>9}\n", item.name, width, number(item.value), interval,
               number(item.baseline), number(item.threshold));
  }
}

}  // namespace forger::commands
