#include "commands/work_progress.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/text.h"

namespace forger::commands {
namespace {

constexpr int kBarColumns = 24;

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point moment) { return std::chrono::duration<double>(Clock::now() - moment).count(); }

}  // namespace

WorkProgress::WorkProgress(int64_t items) : items_(items), start_(Clock::now()) {}

void WorkProgress::show(int64_t number, const std::string& name, double share) {
  if (!line_.is_due()) return;
  const double worked = static_cast<double>(number - passed_over_) + share;
  const double all = static_cast<double>(std::max<int64_t>(items_ - passed_over_, 1)), done = worked / all;
  const auto filled = static_cast<size_t>(std::clamp(done, 0.0, 1.0) * kBarColumns);
  std::string line = "[" + std::string(filled, '#') + std::string(kBarColumns - filled, '.') + "]";
  line += fmt::format(" {:.0f} %", 100 * done);
  if (done > 0.005) line += fmt::format(" | {} left", format_duration(seconds_since(start_) * (1 - done) / done));
  if (items_ > 1) line += fmt::format(" | {} of {}", number + 1, items_);
  line_.show(line + " | " + name);
}

}  // namespace forger::commands
