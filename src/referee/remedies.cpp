#include "referee/remedies.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "config/game_table.h"
#include "config/penalties.h"
#include "referee/translation_weights.h"
#include "training/schedule.h"

namespace forger {
namespace {

using Settings = std::vector<std::pair<std::string, std::string>>;

/// Above this no GAN was seen to learn with Adam.
constexpr double kAbsurdRate = 0.02;
constexpr double kUnequal = 2;
/// So many times slower than usual, or a penalty so many times larger, is no matter of taste.
constexpr double kFarSlower = 10, kFarLarger = 10;
/// Radford et al. 2015 found Adam's usual 0.9 to oscillate and took 0.5.
constexpr double kMuchMomentum = 0.5;
/// By which a weight is raised where another one outweighs it.
constexpr double kMuchMore = 4;
/// Noise on images in [-1, 1].
constexpr double kInstanceNoise = 0.1;
/// What suits a kind of data.
struct Dose {
  /// Fewer numbers than this in a latent draw a line, or less, through the data; as many as `latents` do not.
  int64_t few_latents, latents;
  /// R1 and R2: images have a few thousand numbers, and the slope that a penalty allows is shared among them.
  double penalty;
  /// With Adam: convolutions learn at Radford et al.'s (2015), small perceptrons at a larger one.
  double rate;
};
constexpr Dose kForImages{.few_latents = 8, .latents = 64, .penalty = 1, .rate = 2e-4};
constexpr Dose kForPoints{.few_latents = 2, .latents = 16, .penalty = 0.1, .rate = 1e-3};
/// Gulrajani et al. 2017.
constexpr double kGradientPenalty = 10;
constexpr const char* kUsualAverage = "0.999";

bool is_of_points(const Config& config) { return config.data.channels == 2; }

const Dose& dose_of(const Config& config) { return is_of_points(config) ? kForPoints : kForImages; }

/// Collects remedies for one configuration.
class Medicine {
 public:
  Medicine(int64_t since_step, const Config& config, const Texts& texts)
      : since_step_(since_step), config_(config), texts_(texts), dose_(dose_of(config)), players_(players_of(config)) {}

  std::vector<Remedy> all() && { return std::move(remedies_); }

  void automatic(const std::string& name, Settings settings, bool restarts = false,
                 const std::map<std::string, std::string>& values = {}) {
    remedies_.push_back(remedy(name, values));
    remedies_.back().automatic = true;
    remedies_.back().settings = std::move(settings);
    remedies_.back().restarts = restarts;
  }
  void advise(const std::string& name) { remedies_.push_back(remedy(name, {})); }

  void halve_rates() {
    automatic("halve-rates", both_rates(generator().learning_rate / 2, other_player().options->learning_rate / 2));
  }
  /// Both players' rates as they are for this kind of data.
  void usual_rates(const std::string& name, bool restarts) {
    automatic(name, both_rates(dose_.rate, dose_.rate), restarts, {{"rate", number(dose_.rate)}});
  }
  /// As fast as the generator, at the usual rate or twice as fast as it was, whichever is the most.
  void faster_discriminator() {
    const double now = config_.discriminator.learning_rate;
    const auto rate = number(std::max({2 * now, generator().learning_rate, dose_.rate}));
    automatic("faster-discriminator", {{"discriminator.learning_rate", rate}}, /*restarts=*/false, {{"rate", rate}});
  }
  /// Where both rates are far below the usual one, nothing moves because of them.
  void raise_rates() {
    if (highest_rate() * kUnequal > dose_.rate) return;
    usual_rates("raise-rates", /*restarts=*/false);
  }
  /// Where both are so far below it that samples are still those of young networks.
  void raise_far_slower_rates() {
    if (highest_rate() * kFarSlower <= dose_.rate) raise_rates();
  }
  /// Where it began when the schedule had brought the rates down far before the budget's end, nothing moves because of
  /// that.
  void longer_schedule() {
    TrainingOptions training = config_.training;
    training.warmup_steps = 0;
    if (training.schedule_steps == 0 || rate_factor(training, since_step_, 0) * kFarSlower > 1) return;
    const std::map<std::string, std::string> values = {{"steps", std::to_string(training.schedule_steps)}};
    automatic("longer-schedule", {{"training.schedule_steps", "0"}}, /*restarts=*/false, values);
  }
  /// The usual rate for each player that moves too slowly, and an optimiser that such a rate is for.
  void let_players_move() {
    Settings settings;
    std::string names;
    std::set<std::string> sections;  // several players may share one
    bool new_optimizer = false;
    const auto slow = slow_players(config_);
    for (const auto& player : players_) {
      if (!slow.contains(player.name)) continue;
      if (!names.empty()) names += texts_.text("player", "and");
      names += texts_.text("player", player.name);
      if (!sections.insert(player.section).second) continue;
      const bool sgd = player.options->optimizer == "sgd";
      if (sgd) settings.emplace_back(player.section + ".optimizer", "adam");
      new_optimizer = new_optimizer || sgd;
      settings.emplace_back(player.section + ".learning_rate", number(dose_.rate));
    }
    if (settings.empty()) return;
    automatic(new_optimizer ? "usual-optimizer" : "raise-rate", std::move(settings), /*restarts=*/false,
              {{"players", names}, {"rate", number(dose_.rate)}});
  }
  /// R1 and R2, or advice where the discriminator's batch normalisation forbids them.
  void penalties() {
    const auto& objective = config_.objective;
    if (!takes_penalties()) return advise("no-normalisation");
    if (objective.r1 > 0 && objective.r2 > 0) return;
    automatic("penalties", both_penalties());
  }
  /// Where they are far larger than usual, the discriminator's answers can hardly differ because of them. Its optimiser
  /// knows only the small gradients that this leaves: from there, it would leap.
  void smaller_penalties() {
    const auto& objective = config_.objective;
    Settings settings;
    const auto limit = [&](const char* key, double now, double usual) {
      if (is_far_larger(now, usual)) settings.emplace_back(key, number(usual));
    };
    limit("objective.r1", objective.r1, dose_.penalty);
    limit("objective.r2", objective.r2, dose_.penalty);
    limit("objective.gradient_penalty", objective.gradient_penalty, kGradientPenalty);
    if (!settings.empty()) automatic("smaller-penalties", std::move(settings), /*restarts=*/true);
  }
  void larger_latent() {
    const bool has_latents = players_.front().section == "generator";
    if (!has_latents || config_.generator.latent_size >= dose_.few_latents) return;
    const auto size = std::to_string(dose_.latents);
    automatic("larger-latent", {{"generator.latent_size", size}}, /*restarts=*/true, {{"latent_size", size}});
  }
  /// Relativistic loss with R1 and R2, or advice where the discriminator's batch normalisation forbids those.
  void relativistic() {
    if (!takes_penalties()) return advise("no-normalisation");
    const auto& objective = config_.objective;
    if (objective.name == "relativistic" && objective.r1 > 0 && objective.r2 > 0) return;
    Settings settings = both_penalties();
    settings.insert(settings.begin(), {"objective.name", "relativistic"});
    if (objective.label_smoothing > 0) settings.insert(settings.begin(), {"objective.label_smoothing", "0"});
    automatic("relativistic", std::move(settings));
  }
  /// All that R3GAN trains with, at once: where several things are wrong, no single change helps.
  void proven_game() {
    if (!takes_penalties()) return;
    const auto rate = number(dose_.rate), penalty = number(dose_.penalty);
    Settings settings = {{"objective.label_smoothing", "0"},
                         {"objective.name", "relativistic"},
                         {"objective.r1", penalty},
                         {"objective.r2", penalty}};
    for (const auto& player : {generator_key(""), std::string("discriminator.")}) {
      for (const auto& [key, value] : Settings{{"optimizer", "adam"},
                                               {"learning_rate", rate},
                                               {"beta1", "0"},
                                               {"beta2", "0.99"},
                                               {"turns_per_step", "1"}}) {
        settings.emplace_back(player + key, value);
      }
    }
    std::erase_if(settings, [this](const auto& setting) {
      Config same = config_;
      same.set(setting.first, setting.second);
      return same == config_;
    });
    if (!settings.empty()) automatic("proven-game", std::move(settings), /*restarts=*/true, {{"rate", rate}});
  }
  /// Wasserstein with a gradient penalty, or advice where the discriminator's batch normalisation forbids that.
  void wasserstein() {
    if (!takes_penalties()) return advise("smaller-discriminator");
    Settings settings = {{"objective.name", "wasserstein-gp"},
                         {"objective.gradient_penalty", number(kGradientPenalty)},
                         {"objective.r1", "0"},
                         {"objective.r2", "0"}};
    if (config_.objective.label_smoothing > 0) settings.insert(settings.begin(), {"objective.label_smoothing", "0"});
    if (config_.augmentation.adaptive) settings.insert(settings.begin(), {"augmentation.adaptive", "false"});
    automatic("wasserstein", std::move(settings));
  }
  /// As much as the discriminator needs, or, where its logits have no zero to see that by, a fixed measure.
  void augmentation() {
    const bool adaptive = !is_wasserstein() && !config_.objective.name.starts_with("relativistic");
    const std::string most = adaptive ? "0.8" : "0.6";
    Settings settings = {
        {"augmentation.translation", most}, {"augmentation.color", most}, {"augmentation.cutout", most}};
    if (adaptive) settings.emplace_back("augmentation.adaptive", "true");
    automatic(adaptive ? "adaptive-augmentation" : "augmentation", std::move(settings));
  }
  /// The slower side's rate for both, because a faster one may be why it is sick; but none at which nobody would learn.
  void equal_rates() {
    const auto [slower, faster] = std::minmax(generator().learning_rate, config_.discriminator.learning_rate);
    const double rate = std::max(slower, std::min(faster, dose_.rate));
    automatic("equal-rates", both_rates(rate, rate));
  }
  void no_momentum() {
    if (momentum() > kMuchMomentum)
      automatic("momentum", {{generator_key("beta1"), "0"}, {"discriminator.beta1", "0"}});
  }
  /// Of a translation, a larger weight for the discriminator's opinion, against all that holds it to its input.
  void stronger_adversary() { raise("stronger-adversary", adversary_weight(config_)); }
  /// A larger weight for what ties a translation to its input.
  void hold_to_input() {
    raise("hold-to-input", hold_weight(config_));
    if (config_.translator.dropout > 0) automatic("no-dropout", {{"translator.dropout", "0"}});
  }
  /// Rewards who changes nothing.
  void no_identity() {
    if (const auto identity = identity_weight(config_); identity.now > 0) change("no-identity", identity.key, 0);
  }
  /// Keeps colours.
  void usual_identity() {
    const auto identity = identity_weight(config_);
    if (identity.now < identity.usual) change("identity", identity.key, identity.usual);
  }
  void average() {
    if (players_.front().ema == 0) automatic("average", {{generator_key("ema"), kUsualAverage}});
  }
  void one_generator_turn() {
    if (generator().turns_per_step > 1) automatic("one-generator-turn", {{generator_key("turns_per_step"), "1"}});
  }
  bool takes_penalties() const { return forger::takes_penalties(config_.discriminator) && !is_wasserstein(); }
  bool is_wasserstein() const { return config_.objective.name.starts_with("wasserstein"); }
  double momentum() const { return std::max(generator().beta1, config_.discriminator.beta1); }
  double highest_rate() const { return std::max(generator().learning_rate, other_player().options->learning_rate); }
  bool rates_are_unequal() const { return rate_ratio() > kUnequal || rate_ratio() < 1 / kUnequal; }
  double rate_ratio() const { return config_.discriminator.learning_rate / generator().learning_rate; }

 private:
  Remedy remedy(const std::string& name, const std::map<std::string, std::string>& values) const {
    return {.what = texts_.remedy(name, "what", values),
            .why = texts_.remedy(name, "why", values),
            .source = texts_.remedy(name, "source", values),
            .automatic = false,
            .settings = {},
            .restarts = false};
  }
  const OptimizerOptions& generator() const { return *players_.front().options; }
  std::string generator_key(const std::string& option) const { return players_.front().section + "." + option; }
  /// Who learns beside the generators, which share one section: the discriminator, or the next one where none plays, or
  /// nobody.
  const PlayerRow& other_player() const {
    const auto other = std::find_if(players_.begin(), players_.end(),
                                    [this](const auto& player) { return player.section != players_[0].section; });
    return other == players_.end() ? players_[0] : *other;
  }
  Settings both_rates(double generator, double other) const {
    return {{generator_key("learning_rate"), number(generator)},
            {other_player().section + ".learning_rate", number(other)}};
  }
  /// To the usual weight, or beyond it.
  void raise(const std::string& name, const TranslationWeight& weight) {
    change(name, weight.key, weight.now < weight.usual ? weight.usual : kMuchMore * weight.now);
  }
  /// A weight of translation, where the game has it.
  void change(const std::string& name, const std::string& key, double weight) {
    if (key.empty()) return;
    automatic(name, {{key, number(weight)}}, /*restarts=*/false, {{"key", key}, {"weight", number(weight)}});
  }
  Settings both_penalties() const {
    const auto usual = [this](double now) {
      return number(is_far_larger(now, dose_.penalty) ? dose_.penalty : std::max(now, dose_.penalty));
    };
    return {{"objective.r1", usual(config_.objective.r1)}, {"objective.r2", usual(config_.objective.r2)}};
  }
  static bool is_far_larger(double penalty, double usual) { return penalty > kFarLarger * usual; }
  static std::string number(double value) { return fmt::format("{:g}", value); }

  const int64_t since_step_;
  const Config& config_;
  const Texts& texts_;
  const Dose dose_;
  const std::vector<PlayerRow> players_;
  std::vector<Remedy> remedies_;
};

/// Absurd rates ruin the weights; others overshoot.
void against_rates(Medicine& medicine) {
  if (medicine.highest_rate() > kAbsurdRate) {
    medicine.usual_rates("usual-rates", /*restarts=*/true);
  } else {
    medicine.halve_rates();
  }
}

void against_a_strong_discriminator(Medicine& medicine, const Config& config) {
  if (medicine.rate_ratio() > kUnequal) medicine.equal_rates();
  if (config.discriminator.turns_per_step > 1 && !medicine.is_wasserstein()) {
    medicine.automatic("one-turn", {{"discriminator.turns_per_step", "1"}});
  }
  if (config.objective.name == "minimax") medicine.automatic("non-saturating", {{"objective.name", "non-saturating"}});
  medicine.penalties();
  if (config.objective.name == "minimax" || config.objective.name == "non-saturating") {
    medicine.automatic("least-squares", {{"objective.name", "least-squares"}});
  }
  if (config.augmentation.noise == 0) {
    medicine.automatic("instance-noise", {{"augmentation.noise", fmt::format("{:g}", kInstanceNoise)}});
  }
  medicine.wasserstein();
}

/// What keeps a generator from drawing one thing for all, but for advice.
void against_sameness(Medicine& medicine, const Config& config) {
  medicine.raise_far_slower_rates();
  medicine.smaller_penalties();
  medicine.larger_latent();
  if (medicine.rates_are_unequal()) medicine.equal_rates();
  medicine.one_generator_turn();
  medicine.no_momentum();
  if (!medicine.takes_penalties() && config.objective.name == "minimax") {
    medicine.automatic("non-saturating", {{"objective.name", "non-saturating"}});
  } else {
    medicine.relativistic();
    medicine.proven_game();
  }
}

void against_collapse(Medicine& medicine, const Config& config) {
  against_sameness(medicine, config);
  medicine.advise("packing");
}

/// Where no discriminator plays, only rates and sizes can be changed, and a discriminator be added.
void without_a_discriminator(Medicine& medicine, State state) {
  switch (state) {
    case State::standing_still: medicine.let_players_move(); break;
    case State::diverged: against_rates(medicine); break;
    case State::full_collapse:
    case State::partial_collapse:
      medicine.raise_far_slower_rates();
      medicine.larger_latent();
      medicine.advise("adversary");
      break;
    case State::cycling:
    case State::stalled:
      if (state == State::stalled) medicine.longer_schedule();
      medicine.raise_rates();
      medicine.halve_rates();
      medicine.advise("adversary");
      break;
    case State::copying:
      medicine.advise("roll-back");
      medicine.advise("more-data");
      break;
    case State::good_plateau: medicine.advise("keep-best"); break;
    default: break;
  }
}

}  // namespace

std::map<std::string, SlowPlayer> slow_players(const Config& config) {
  std::map<std::string, SlowPlayer> slow;
  for (const auto& player : players_of(config)) {
    const bool far_slower = player.options->learning_rate * kFarSlower <= dose_of(config).rate;
    if (far_slower || player.options->optimizer == "sgd") {
      slow[player.name] = {player.options->learning_rate, player.options->turns_per_step};
    }
  }
  return slow;
}

std::vector<Remedy> remedies_for(State state, int64_t since_step, const Config& config, const Texts& texts) {
  Medicine medicine(since_step, config, texts);
  if (!config.has_discriminator()) {
    without_a_discriminator(medicine, state);
    return std::move(medicine).all();
  }
  switch (state) {
    case State::standing_still: medicine.let_players_move(); break;
    case State::diverged:
      against_rates(medicine);
      medicine.penalties();
      break;
    case State::generator_starved:
    case State::discriminator_too_strong: against_a_strong_discriminator(medicine, config); break;
    case State::discriminator_too_weak:
      medicine.smaller_penalties();
      medicine.one_generator_turn();
      medicine.faster_discriminator();
      medicine.advise("wider-discriminator");
      break;
    case State::full_collapse:
    case State::partial_collapse: against_collapse(medicine, config); break;
    case State::copies_input:
      medicine.no_identity();
      medicine.stronger_adversary();
      medicine.advise("check-sides");
      break;
    case State::ignores_input:
      medicine.hold_to_input();
      against_sameness(medicine, config);
      medicine.advise("check-sides");
      break;
    case State::wrong_colors:
      medicine.usual_identity();
      medicine.stronger_adversary();
      medicine.advise("other-start");
      break;
    case State::cycling:
      medicine.smaller_penalties();
      medicine.larger_latent();
      medicine.one_generator_turn();
      medicine.no_momentum();
      if (config.objective.name == "minimax") {
        // Penalties on the saturating loss leave the generator even less to learn from.
        medicine.relativistic();
      } else if (medicine.takes_penalties()) {
        medicine.penalties();
      }
      medicine.proven_game();
      medicine.halve_rates();
      medicine.average();
      if (medicine.momentum() > 0 && medicine.momentum() <= kMuchMomentum) medicine.advise("momentum");
      break;
    case State::discriminator_overfitting:
      if (!is_of_points(config) && config.augmentation.translation == 0) medicine.augmentation();
      medicine.advise("more-data");
      break;
    case State::copying:
      medicine.advise("roll-back");
      medicine.advise("more-data");
      break;
    case State::stalled:
      medicine.longer_schedule();
      if (medicine.rates_are_unequal()) medicine.equal_rates();
      medicine.raise_rates();
      if (medicine.takes_penalties() && !config.objective.name.starts_with("relativistic")) medicine.relativistic();
      medicine.halve_rates();
      medicine.advise("larger-networks");
      break;
    case State::converged:
    case State::good_plateau: medicine.advise("keep-best"); break;
    case State::warming_up:
    case State::healthy_duel:
    case State::undecided:
    case State::not_judged: break;
  }
  return std::move(medicine).all();
}

}  // namespace forger
