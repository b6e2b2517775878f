#include "commands/print_verdict.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "commands/output.h"
#include "commands/terminal.h"
#include "core/utf8.h"
#include "referee/verdict.h"
#include "run/run_folder.h"

namespace forger::commands {
namespace {

constexpr size_t kTelling = 3;

std::string number(double value) { return std::isfinite(value) ? fmt::format("{:.3g}", value) : "-"; }

/// As a shell takes it for one word.
std::string quoted(const std::string& word) {
  const auto plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:+,=@%";
  if (!word.empty() && word.find_first_not_of(plain) == std::string::npos) return word;
  std::string text = "'";
  for (const char letter : word) text += letter == '\'' ? "'\\''" : std::string(1, letter);
  return text + "'";
}

/// The settings of a remedy as a command that a person can type.
std::string command_of(const Remedy& remedy, const std::string& run, int64_t step) {
  // A training that is at its end has no budget left.
  std::string text = fmt::format("forger resume {} --steps {}", quoted(run), 2 * std::max<int64_t>(step, 1));
  if (remedy.restarts) {
    const auto recipe = RunFolder::open(run).config();
    text = fmt::format("forger train {} --recipe {}", quoted(Config::from_file(recipe).data.source),
                       quoted(recipe.string()));
  }
  for (const auto& [key, value] : remedy.settings) text += fmt::format(" --set {}={}", key, value);
  return text;
}

}  // namespace

void print_verdict(const Verdict& verdict, const std::string& run, const Texts& texts) {
  // Samples alone have no course.
  const auto since = texts.text("label", "since", {{"step", std::to_string(verdict.since_step)}});
  print("\n{}{}\n{}\n", bold(state_name(verdict.state)), run.empty() ? "" : " (" + since + ")", verdict.sentence);
  for (size_t i = 0; i < std::min(kTelling, verdict.evidence.size()); ++i) {
    const auto& item = verdict.evidence[i];
    print("  {}: {}", item.name, number(item.value));
    if (std::isfinite(item.baseline)) {
      print(" ({}: {})", texts.text("label", "real-against-real"), number(item.baseline));
    }
    print("\n");
  }
  for (const auto& remedy : verdict.remedies) {
    print("  {}: {}{}{} [{}]\n", texts.text("label", "try"), remedy.what, texts.text("page", "stop"), remedy.why,
          remedy.source);
    if (!remedy.settings.empty() && !run.empty())
      print("       {}\n", printable(command_of(remedy, run, verdict.step)));
  }
  print("\n");
}

void print_evidence(const Verdict& verdict, const Texts& texts) {
  const auto label = [&](const char* name) { return texts.text("label", name); };
  size_t width = 8;
  for (const auto& item : verdict.evidence) width = std::max(width, item.name.size());
  print("  {:<{}} {:>9} {:>21} {:>12} {:>9}\n", label("evidence"), width, label("value"), label("interval"),
        label("real-real"), label("limit"));
  for (const auto& item : verdict.evidence) {
    const auto interval = std::isfinite(item.low) && std::isfinite(item.high)
                              ? fmt::format("{} … {}", number(item.low), number(item.high))
                              : "-";
    print("  {:<{}} {:>9} {:>21} {:>12} {:>9}\n", item.name, width, number(item.value), interval, number(item.baseline),
          number(item.threshold));
  }
}

}  // namespace forger::commands
