#include "referee/referee.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

#include "core/clock.h"
#include "core/fail.h"
#include "core/random.h"
#include "core/torch.h"
#include "referee/verdict.h"

namespace forger {
namespace {

/// Before anything was measured.
constexpr double kFirstGuessSeconds = 1.5;
constexpr int64_t kFewestStepsBetween = 50;
constexpr int kLooks = 4;
/// Samples below which nothing is measured, and below which nothing is concluded.
constexpr int64_t kLeastSamples = 2, kFewSamples = 200;
/// Of each kind that a classifier of samples is trained on.
constexpr int64_t kFewestToTrainOn = 25;

}  // namespace

Situation situation_of(const Config& config) {
  return {.wasserstein = config.objective.name.starts_with("wasserstein"),
          .start_steps = config.referee.start_steps,
          .single_moment = false,
          .limits = {}};
}

int64_t images_looked_at(const std::string& mode) { return mode == "full" ? 2000 : 1000; }

Referee::Referee(const Config& config, MakeExhibit exhibit, const OpenedData& data, std::vector<Check> history)
    : config_(config),
      make_exhibit_(std::move(exhibit)),
      data_(data),
      history_(std::move(history)),
      next_cost_seconds_(kFirstGuessSeconds) {
  for (const auto& check : history_) spent_seconds_ += check.cost_seconds;
  if (!history_.empty()) next_cost_seconds_ = history_.back().cost_seconds;
}

bool Referee::is_due(int64_t step, double seconds) const {
  if (config_.referee.every_steps > 0) return step % config_.referee.every_steps == 0;
  const int64_t last = history_.empty() ? 0 : history_.back().step;
  // One check for now, and one that the end of the training will want.
  const double wanted = spent_seconds_ + 2 * next_cost_seconds_;
  return step - last >= kFewestStepsBetween && wanted <= config_.referee.cost * seconds;
}

void Referee::prepare() {
  if (!reference_) {
    reference_ = std::make_shared<Reference>(*data_.training, *data_.held_out, images_looked_at(config_.referee.mode),
                                             config_.training.seed);
  }
  if (!probe_)
    probe_ =
        std::make_unique<Probe>(make_exhibit_(), reference_, config_.training.seed, config_.referee.mode == "full");
}

Verdict Referee::check(const TensorMap& state, int64_t step, int64_t images, double seconds) {
  const auto start = std::chrono::steady_clock::now();
  prepare();
  const double prepared = seconds_since(start);
  Check check;
  check.step = step;
  check.images = images;
  check.seconds = seconds;
  check.new_game = std::exchange(new_game_, false);
  steps_.read(check);
  if (const auto game = present_game(history_); !check.new_game && !game.empty()) {
    // Reports of a resumed training begin in its middle; the game began with its first check, which had grown already.
    const Check& first = game.front();
    const double since_first = std::fmax(check.generator_weights / first.generator_weights,
                                         check.discriminator_weights / first.discriminator_weights);
    check.weight_growth = std::fmax(check.weight_growth, since_first * std::fmax(first.weight_growth, 1));
  }
  probe_->measure(state, check);
  check.cost_seconds = seconds_since(start);
  spent_seconds_ += check.cost_seconds;
  next_cost_seconds_ = check.cost_seconds - prepared;
  history_.push_back(check);

  const auto looked_at = present_game(history_);
  return make_verdict(find_states(looked_at, situation_of(config_)), looked_at, config_, Limits{}, Texts::in("en"));
}

void Referee::start_over(const Config& config) {
  config_ = config;
  probe_.reset();
  steps_ = {};
  new_game_ = true;
}

std::pair<Verdict, Check> judge_moment(const Config& config, const MakeExhibit& exhibit,
                                       std::shared_ptr<const Reference> reference, const TensorMap& state,
                                       std::vector<Check> earlier, Check moment, bool costly,
                                       const std::string& language) {
  earlier = present_game(earlier);
  Situation situation = situation_of(config);
  situation.single_moment = earlier.empty();
  // With a course behind it, one look is a check like those before; without, several looks must agree.
  const int looks = earlier.empty() ? kLooks : 1;
  for (int look = 0; look < looks; ++look) {
    Check check = moment;
    Probe(exhibit(), reference, derive_seed(config.training.seed, Stream::referee, static_cast<uint64_t>(look)), costly)
        .measure(state, check);
    earlier.push_back(check);
  }
  const auto verdict =
      make_verdict(find_states(earlier, situation), earlier, config, situation.limits, Texts::in(language));
  return {verdict, earlier.back()};
}

std::pair<Verdict, Check> judge_samples(const at::Tensor& images, const Reference& reference,
                                        const std::string& language) {
  torch::NoGradGuard no_grad;
  if (images.sizes().slice(1) != reference.unseen.sizes().slice(1)) {
    fail("samples: received images of {}x{} with {} channels, accepted: {}x{} with {}, as the data", images.size(2),
         images.size(3), images.size(1), reference.unseen.size(2), reference.unseen.size(3), reference.unseen.size(1));
  }
  if (images.size(0) < kLeastSamples) {
    fail("samples: received {} image{}, accepted: {} or more", images.size(0), images.size(0) == 1 ? "" : "s",
         kLeastSamples);
  }
  if (!at::isfinite(images).all().item<bool>()) fail("samples: received numbers that are not finite");
  Check check;
  check.unseen = reference.count();
  check.fakes = images.size(0);
  check.features_work = reference.features_work;
  const auto features = reference.net->features(images);
  measure_samples(reference, features, images, check);
  if (const int64_t half = std::min(images.size(0) / 2, reference.training_features.size(0));
      half >= kFewestToTrainOn) {
    measure_fresh_critic(reference, reference.training_features.narrow(0, 0, half), features.narrow(0, 0, half),
                         features.narrow(0, half, half), /*seed=*/1, check);
  }
  const Situation situation{.wasserstein = false, .start_steps = 0, .single_moment = true, .limits = {}};
  const std::vector<Check> looks(kLooks, check);
  const Config unknown;  // of the training that made the samples
  const bool few = images.size(0) < kFewSamples;
  const auto findings = few ? std::vector<Finding>{{State::undecided, 0}} : find_states(looks, situation);
  auto verdict = make_verdict(findings, looks, unknown, situation.limits, Texts::in(language));
  if (few)
    verdict.sentence +=
        Texts::in(language).text("sentence", "few-samples", {{"samples", std::to_string(images.size(0))}});
  return {verdict, check};
}

}  // namespace forger
