#include "referee/mender.h"

#include <algorithm>

#include "metrics/distances.h"
#include "referee/detectors.h"
#include "referee/remedies.h"
#include "referee/verdict.h"

namespace forger {
namespace {

/// Checks after which a change that does not help is given up.
constexpr int kChecksToUndo = 8;

Config with_settings(Config config, const Remedy& remedy) {
  for (const auto& [key, value] : remedy.settings) config.set(key, value);
  return config;
}

}  // namespace

std::optional<Order> Mender::decide(const Verdict& verdict, const Config& config, const at::Tensor& samples,
                                    const at::Tensor& unseen) {
  kept_.reset();
  if (!attempt_) return is_sick(verdict.state) ? begin(verdict, config, samples) : std::nullopt;

  ++attempt_->checks;
  const bool nearer = !attempt_->sick_samples.defined() ||
                      (samples.defined() &&
                       relative_similarity_p(unseen, attempt_->sick_samples, samples) < Limits{}.significant);
  MendEvent event{.action = "kept", .attempt = attempts_, .against = attempt_->against, .remedy = attempt_->remedy,
                  .back_to_step = -1};
  if (nearer && !is_sick(verdict.state) && attempt_->checks >= Limits{}.warm_up_checks) {
    kept_ = event;
    attempt_.reset();
    return std::nullopt;
  }
  if (verdict.state != State::diverged && attempt_->checks < kChecksToUndo) return std::nullopt;

  // Undone, and the next one begun in the same breath, from the same healthy weights.
  Attempt failed = std::move(*attempt_);
  attempt_.reset();
  Verdict sick = verdict;
  sick.state = failed.against;
  if (auto next = begin(sick, failed.before, failed.sick_samples)) return next;
  event.action = "undone";
  return Order{.config = failed.before, .restarts = false, .event = event};
}

std::optional<Order> Mender::begin(const Verdict& verdict, const Config& config, const at::Tensor& samples) {
  if (attempts_ >= options_.attempts) return std::nullopt;
  for (const auto& remedy : remedies_for(verdict.state, config, Texts::in("en"))) {
    const Config changed = remedy.automatic ? with_settings(config, remedy) : config;
    if (changed == config || std::find(tried_.begin(), tried_.end(), remedy.what) != tried_.end()) continue;
    tried_.push_back(remedy.what);
    ++attempts_;
    attempt_ = Attempt{.against = verdict.state, .remedy = remedy, .before = config, .sick_samples = samples};
    return Order{.config = changed,
                 .restarts = remedy.restarts,
                 .event = {.action = "begun",
                           .attempt = attempts_,
                           .against = verdict.state,
                           .remedy = remedy,
                           .back_to_step = -1}};
  }
  return std::nullopt;
}

std::optional<MendEvent> Mender::take_kept() { return std::move(kept_); }

}  // namespace forger
