#include "referee/mender.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "config/game_table.h"
#include "config/parse.h"
#include "core/fail.h"
#include "metrics/distances.h"
#include "referee/detectors.h"
#include "referee/remedies.h"
#include "referee/verdict.h"

namespace forger {
namespace {

using nlohmann::ordered_json;

/// Checks after which a change is given up whatever it brought; one that brought nothing by the first verdict is given
/// up then.
constexpr int kMostChecks = 8;
/// Keys of the state that is kept.
constexpr const char* kMending = "mending";
constexpr const char* kSickSamples = "sick_samples";

/// Steps of the discriminator alone after a change of loss: its old answers mean nothing under the new one.
constexpr int64_t kCatchUpSteps = 200;

/// More than nothing that is known to be wrong.
bool is_well(State state) {
  return state == State::healthy_duel || state == State::good_plateau || state == State::converged;
}

Config with_remedy(Config config, const Remedy& remedy, int64_t step) {
  const std::string loss = config.objective.name;
  for (const auto& [key, value] : remedy.settings) config.set(key, value);
  const bool may_wait = reads_section(config.game, "generator");
  if (may_wait && config.objective.name != loss && !remedy.restarts) config.generator.first_step = step + kCatchUpSteps;
  return config;
}

}  // namespace

std::optional<Order> Mender::decide(const Verdict& verdict, const Config& config, const at::Tensor& samples,
                                    const at::Tensor& unseen, bool beyond_noise) {
  kept_.reset();
  if (!attempt_) return is_sick(verdict.state) ? begin(verdict, config, samples) : std::nullopt;

  ++attempt_->checks;
  const bool nearer =
      !attempt_->sick_samples.defined() ||
      (samples.defined() && relative_similarity_p(unseen, attempt_->sick_samples, samples) < Limits{}.significant);
  MendEvent event{.action = "kept",
                  .attempt = attempts_,
                  .against = attempt_->against,
                  .remedy = attempt_->remedy,
                  .back_to_step = -1};
  const bool judged = attempt_->checks >= Limits{}.warm_up_checks;
  // In the end, what helped against this sickness stays: another one is for the next attempt. So does what needed new
  // networks, as a latent too small for the data: without it, nothing else helps.
  const bool well_by_now = judged && !is_sick(verdict.state) && !beyond_noise;
  const bool helped =
      attempt_->checks >= kMostChecks && (verdict.state != attempt_->against || attempt_->remedy.restarts);
  if (nearer && (well_by_now || helped)) {
    kept_ = event;
    attempt_.reset();
    tried_.clear();  // what did not help in another game may help in this one
    return std::nullopt;
  }
  // New networks have all to learn that the sick ones had learnt.
  const bool better = nearer || is_well(verdict.state) || attempt_->remedy.restarts;
  const bool hopeful = better ? attempt_->checks < kMostChecks : !judged;
  if (verdict.state != State::diverged && hopeful) return std::nullopt;

  // Undone, and the next one begun in the same breath, from the same healthy weights.
  Attempt failed = std::move(*attempt_);
  attempt_.reset();
  Verdict sick = verdict;
  sick.state = failed.against;
  sick.way = failed.way;
  sick.since_step = failed.sick_since;
  if (auto next = begin(sick, failed.before, failed.sick_samples)) return next;
  event.action = "undone";
  return Order{.config = failed.before, .restarts = false, .sick_since = failed.sick_since, .event = event};
}

std::optional<Order> Mender::begin(const Verdict& verdict, const Config& config, const at::Tensor& samples) {
  if (attempts_ >= options_.attempts) return std::nullopt;
  for (const auto& remedy : remedies_for(verdict.state, verdict.since_step, config, Texts::in("en"))) {
    const Config changed = remedy.automatic ? with_remedy(config, remedy, verdict.step) : config;
    if (changed == config || std::find(tried_.begin(), tried_.end(), remedy.what) != tried_.end()) continue;
    tried_.push_back(remedy.what);
    ++attempts_;
    attempt_ = Attempt{.against = verdict.state,
                       .way = verdict.way,
                       .remedy = remedy,
                       .before = config,
                       .sick_since = verdict.since_step,
                       .sick_samples = samples};
    return Order{
        .config = changed,
        // What blew up needs other weights, and those of a healthy checkpoint will do.
        .restarts = remedy.restarts && verdict.state != State::diverged,
        .sick_since = verdict.since_step,
        .event = {
            .action = "begun", .attempt = attempts_, .against = verdict.state, .remedy = remedy, .back_to_step = -1}};
  }
  return std::nullopt;
}

std::optional<MendEvent> Mender::take_kept() { return std::move(kept_); }

TensorFile Mender::state() const {
  TensorFile file;
  ordered_json json = {{"attempts", attempts_}, {"tried", tried_}};
  if (attempt_) {
    json["attempt"] = {{"against", state_name(attempt_->against)}, {"way", attempt_->way},
                       {"remedy", to_json(attempt_->remedy)},      {"before", attempt_->before.to_toml()},
                       {"sick_since", attempt_->sick_since},       {"checks", attempt_->checks}};
    if (attempt_->sick_samples.defined()) file.tensors[kSickSamples] = attempt_->sick_samples;
  }
  file.metadata[kMending] = json.dump();
  return file;
}

void Mender::restore(const TensorFile& state) {
  try {
    const auto json = ordered_json::parse(state.metadata.at(kMending));
    json.at("attempts").get_to(attempts_);
    json.at("tried").get_to(tried_);
    attempt_.reset();
    if (!json.contains("attempt")) return;
    const auto& attempt = json["attempt"];
    const auto samples = state.tensors.find(kSickSamples);
    attempt_ = Attempt{.against = state_from_name(attempt.at("against")),
                       .way = attempt.value("way", ""),
                       .remedy = remedy_from_json(attempt.at("remedy")),
                       .before = parse_config(attempt.at("before").get<std::string>(), "mending", "custom"),
                       .sick_since = attempt.at("sick_since"),
                       .sick_samples = samples == state.tensors.end() ? at::Tensor() : samples->second,
                       .checks = attempt.at("checks")};
  } catch (const std::exception& error) {
    fail("the state of mending is damaged: {}", error.what());
  }
}

}  // namespace forger
