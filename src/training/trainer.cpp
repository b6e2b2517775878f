#include "training/trainer.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <tuple>

#include "core/clock.h"
#include "core/fail.h"
#include "core/random.h"
#include "core/team.h"
#include "core/torch.h"
#include "training/schedule.h"

namespace forger {
namespace {

constexpr double kSpeedWindowSeconds = 3;
constexpr double kRollBackRate = 0.5;

/// Averaging may begin or end with a resumed training: averages that were not kept start from the weights, and those
/// that nobody wants any more are left out.
TensorMap with_averages_of(const TensorMap& wanted, TensorMap saved) {
  constexpr std::string_view kAveraged = ".averaged.", kNetwork = ".network.";
  const auto place_of = [&](const std::string& name) { return name.find(kAveraged); };
  for (const auto& [name, tensor] : wanted) {
    if (place_of(name) == std::string::npos || saved.contains(name)) continue;
    const auto weights = saved.find(std::string(name).replace(place_of(name), kAveraged.size(), kNetwork));
    if (weights != saved.end()) saved[name] = weights->second;
  }
  std::erase_if(saved, [&](const auto& item) {
    return place_of(item.first) != std::string::npos && !wanted.contains(item.first);
  });
  return saved;
}

bool is_due(int64_t step, int64_t every) { return every > 0 && step % every == 0; }

}  // namespace

Trainer::Trainer(const TrainingOptions& options, Game& game, Batches& batches, Team* team)
    : options_(options),
      game_(game),
      batches_(batches),
      team_(team),
      rows_(team == nullptr ? ItemRows{} : team->rows(options.batch_size / options.accumulate)),
      started_(std::chrono::steady_clock::now()) {}

TrainingEnd Trainer::run(const TrainerHooks& hooks) {
  started_ = std::chrono::steady_clock::now();
  seconds_before_ = progress_.seconds;
  double checkpoint_seconds = progress_.seconds;
  bool checkpointed = false;
  auto [stops, signal] = agreed(hooks.stop_requested(), Signal::go_on);
  while (budget_used() < 1 && !stops) {
    const StepReport report = step();
    checkpointed = false;
    signal = hooks.report(report);
    std::tie(stops, signal) = agreed(hooks.stop_requested(), signal);
    if (signal == Signal::leave) return TrainingEnd::stopped;
    if (signal == Signal::stop) {
      hooks.checkpoint();
      return TrainingEnd::settled;
    }
    if (progress_.bad_in_row >= options_.max_bad_steps) {
      if (progress_.rolled_back) return TrainingEnd::diverged;
      const auto [seconds, bad_steps] = std::pair(progress_.seconds, progress_.bad_steps);
      hooks.roll_back();
      share_state();
      progress_.seconds = seconds;
      progress_.bad_steps = bad_steps;
      progress_.bad_in_row = 0;
      progress_.rolled_back = true;
      progress_.rate_factor *= kRollBackRate;
      continue;
    }
    const bool late =
        options_.checkpoint_minutes > 0 && progress_.seconds - checkpoint_seconds >= options_.checkpoint_minutes * 60;
    // Not amid steps that were not applied: a roll-back would come back to the brink.
    if (progress_.bad_in_row == 0 && (is_due(progress_.step, options_.checkpoint_steps) || late)) {
      hooks.checkpoint();
      checkpoint_seconds = progress_.seconds;
      checkpointed = true;
    }
    if (is_due(progress_.step, options_.preview_steps)) hooks.preview();
  }
  if (!checkpointed) hooks.checkpoint();
  return budget_used() < 1 ? TrainingEnd::stopped : TrainingEnd::finished;
}

StepReport Trainer::step() {
  const auto start = std::chrono::steady_clock::now();
  const double waited_before = batches_.waited_seconds();
  const int64_t number = ++progress_.step;
  const double used = budget_used();
  const double factor = progress_.rate_factor * rate_factor(options_, number, used);
  for (Player* player : game_.players()) {
    player->set_rate_factor(factor);
    player->measure_weights(number % options_.weight_norm_steps == 0 || number == 1);
  }

  const TeamStep together(team_, options_.batch_norm == "sync");
  const StepInput input{number,
                        ItemRandom(derive_seed(options_.seed, Stream::step, static_cast<uint64_t>(number)), rows_),
                        [this] {
                          auto batch = batches_.next(options_.batch_size);
                          progress_.images += options_.batch_size;
                          return batch;
                        },
                        used};
  StepReport report = game_.step(input);
  average_losses(report);
  progress_.position = batches_.position();
  progress_.bad_in_row = report.finite ? 0 : progress_.bad_in_row + 1;
  if (!report.finite) ++progress_.bad_steps;
  progress_.seconds = seconds_before_ + seconds_since(started_);

  report.step = number;
  report.images = progress_.images;
  report.seconds = progress_.seconds;
  report.step_seconds = seconds_since(start);
  report.data_wait_seconds = batches_.waited_seconds() - waited_before;
  report.bad_steps = progress_.bad_steps;
  measure_speed(report);
  return report;
}

double Trainer::budget_used() const {
  return forger::budget_used(options_, progress_.step, progress_.images, progress_.seconds);
}

void Trainer::measure_speed(StepReport& report) {
  // Checks, checkpoints and previews are between steps: a long one would look like a slow network.
  stepped_seconds_ += report.step_seconds;
  recent_.emplace_back(stepped_seconds_, report.images);
  while (recent_.size() > 2 && stepped_seconds_ - recent_[1].first > kSpeedWindowSeconds) recent_.pop_front();
  const auto [seconds, images] = recent_.front();
  const double span = stepped_seconds_ - seconds;
  report.images_per_second = span > 0 ? static_cast<double>(report.images - images) / span
                                      : static_cast<double>(options_.batch_size) / report.step_seconds;
}

/// Of the whole batch, where each process knows its part's.
void Trainer::average_losses(StepReport& report) const {
  if (team_ == nullptr || report.losses.empty()) return;
  std::vector<double> losses;
  for (const auto& [name, loss] : report.losses) losses.push_back(loss / static_cast<double>(team_->size()));
  const auto message = at::tensor(losses, at::kDouble);
  team_->sum(message);
  int64_t place = 0;
  for (auto& [name, loss] : report.losses) loss = message[place++].item<double>();
}

std::pair<bool, Signal> Trainer::agreed(bool stop, Signal signal) {
  if (team_ == nullptr) return {stop, signal};
  const bool leads = team_->rank() == 0;
  const auto word = at::tensor(
      {stop ? 1.0 : 0.0, leads ? static_cast<double>(signal) : 0.0, leads ? progress_.seconds : 0.0}, at::kDouble);
  team_->sum(word);
  progress_.seconds = word[2].item<double>();
  return {word[0].item<double>() > 0, static_cast<Signal>(word[1].item<double>())};
}

void Trainer::share_state() {
  if (team_ == nullptr) return;
  auto& p = progress_;
  const auto numbers = at::tensor(
      {static_cast<double>(p.step), static_cast<double>(p.images), p.seconds, static_cast<double>(p.bad_steps),
       static_cast<double>(p.bad_in_row), p.rate_factor, p.rolled_back ? 1.0 : 0.0, static_cast<double>(p.position)},
      at::kDouble);
  team_->share(numbers);
  const auto* number = numbers.const_data_ptr<double>();
  p = {.step = static_cast<int64_t>(number[0]),
       .images = static_cast<int64_t>(number[1]),
       .seconds = number[2],
       .bad_steps = static_cast<int64_t>(number[3]),
       .bad_in_row = static_cast<int64_t>(number[4]),
       .rate_factor = number[5],
       .rolled_back = number[6] > 0,
       .position = static_cast<int64_t>(number[7])};
  std::vector<at::Tensor> tensors;
  for (const auto& [name, tensor] : game_.state()) tensors.push_back(tensor);
  team_->share(tensors);
  batches_.seek(p.position);
}

TrainingState Trainer::state() const { return {progress_, game_.state()}; }

void Trainer::restore(const TrainingState& state) { restore_weights(state.tensors, state.progress); }

void Trainer::restore_weights(const TensorMap& all_saved, const TrainingProgress& progress) {
  torch::NoGradGuard no_grad;
  const auto tensors = game_.state();
  const auto saved_tensors = with_averages_of(tensors, all_saved);
  for (const auto& [name, tensor] : saved_tensors) {
    if (!tensors.contains(name)) fail("checkpoint: the tensor {} does not belong to these networks", name);
  }
  for (const auto& [name, tensor] : tensors) {
    const auto saved = saved_tensors.find(name);
    if (saved == saved_tensors.end()) fail("checkpoint: the tensor {} is missing", name);
    if (saved->second.sizes() != tensor.sizes() || saved->second.scalar_type() != tensor.scalar_type()) {
      fail("checkpoint: the tensor {} is {} {}, these networks need {} {}", name,
           c10::toString(saved->second.scalar_type()), fmt::join(saved->second.sizes(), "x"),
           c10::toString(tensor.scalar_type()), fmt::join(tensor.sizes(), "x"));
    }
  }
  for (const auto& [name, tensor] : tensors) at::Tensor(tensor).copy_(saved_tensors.at(name));
  progress_ = progress;
  batches_.seek(progress_.position);
  recent_.clear();
}

}  // namespace forger
