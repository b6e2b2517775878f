#include "commands/work_progress.h"

#include <unistd.h>

#include <algorithm>

#include "commands/output.h"
#include "commands/terminal.h"
#include "core/text.h"
#include "core/utf8.h"

namespace forger::commands {
namespace {

constexpr double kPauseSeconds = 0.2;
constexpr int kBarColumns = 24;

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point moment) { return std::chrono::duration<double>(Clock::now() - moment).count(); }

}  // namespace

WorkProgress::WorkProgress(int64_t items)
    : items_(items), live_(::isatty(STDERR_FILENO) != 0), start_(Clock::now()), shown_(start_) {}

WorkProgress::~WorkProgress() { clear(); }

void WorkProgress::show(int64_t number, const std::string& name, double share) {
  if (!live_ || seconds_since(shown_) < kPauseSeconds) return;
  shown_ = Clock::now();
  const double worked = static_cast<double>(number - passed_over_) + share;
  const double all = static_cast<double>(std::max<int64_t>(items_ - passed_over_, 1)), done = worked / all;
  const auto filled = static_cast<size_t>(std::clamp(done, 0.0, 1.0) * kBarColumns);
  std::string line = "[" + std::string(filled, '#') + std::string(kBarColumns - filled, '.') + "]";
  line += fmt::format(" {:.0f} %", 100 * done);
  if (done > 0.005) line += fmt::format(" | {} left", format_duration(seconds_since(start_) * (1 - done) / done));
  if (items_ > 1) line += fmt::format(" | {} of {}", number + 1, items_);
  line += " | " + printable(name);
  print_error("\r\x1b[K{}", line.substr(0, static_cast<size_t>(std::max(terminal_columns() - 1, 1))));
  line_open_ = true;
}

void WorkProgress::clear() {
  if (line_open_) print_error("\r\x1b[K");
  line_open_ = false;
}

}  // namespace forger::commands
