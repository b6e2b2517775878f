#include "training/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace forger {

double budget_used(const TrainingOptions& options, int64_t step, int64_t images, double seconds) {
  double used = 0;
  const auto consider = [&](double now, double budget) {
    if (budget > 0) used = std::max(used, now / budget);
  };
  consider(static_cast<double>(step), static_cast<double>(options.steps));
  consider(static_cast<double>(images), static_cast<double>(options.images));
  consider(seconds, options.minutes * 60);
  return used;
}

double rate_factor(const TrainingOptions& options, int64_t step, double budget_used) {
  const auto steps = static_cast<double>(step);
  const double warmup = options.warmup_steps > 0 ? std::min(1.0, steps / static_cast<double>(options.warmup_steps)) : 1;
  const double way =
      options.schedule_steps > 0 ? (steps - 1) / static_cast<double>(options.schedule_steps) : budget_used;
  const double progress = std::clamp(way, 0.0, 1.0);
  double share = 1;  // of the way from final_rate up to 1
  if (options.schedule == "linear") share = 1 - progress;
  if (options.schedule == "cosine") share = (1 + std::cos(std::numbers::pi * progress)) / 2;
  return warmup * (options.final_rate + (1 - options.final_rate) * share);
}

}  // namespace forger
