#include "referee/medicine.h"

#include <fmt/format.h>

#include <set>

#include "config/penalties.h"
#include "referee/remedies.h"
#include "training/schedule.h"

namespace forger {
namespace {

constexpr Dose kForImages{.few_latents = 8, .latents = 64, .penalty = 1, .rate = 2e-4};
constexpr Dose kForPoints{.few_latents = 2, .latents = 16, .penalty = 0.1, .rate = 1e-3};
/// A penalty so many times larger than usual is no matter of taste.
constexpr double kFarLarger = 10;
/// By which a weight is raised where another one outweighs it.
constexpr double kMuchMore = 4;
/// Gulrajani et al. 2017.
constexpr double kGradientPenalty = 10;
constexpr const char* kUsualAverage = "0.999";

}  // namespace

bool is_of_points(const Config& config) { return config.data.channels == 2; }

const Dose& dose_of(const Config& config) { return is_of_points(config) ? kForPoints : kForImages; }

void Medicine::automatic(const std::string& name, Settings settings, bool restarts,
                         const std::map<std::string, std::string>& values) {
  remedies_.push_back(remedy(name, values));
  remedies_.back().automatic = true;
  remedies_.back().settings = std::move(settings);
  remedies_.back().restarts = restarts;
}

void Medicine::halve_rates() {
  automatic("halve-rates", both_rates(generator().learning_rate / 2, other_player().options->learning_rate / 2));
}

void Medicine::usual_rates(const std::string& name, bool restarts) {
  automatic(name, both_rates(dose_.rate, dose_.rate), restarts, {{"rate", number(dose_.rate)}});
}

void Medicine::faster_discriminator() {
  const double now = config_.discriminator.learning_rate;
  const auto rate = number(std::max({2 * now, generator().learning_rate, dose_.rate}));
  automatic("faster-discriminator", {{"discriminator.learning_rate", rate}}, /*restarts=*/false, {{"rate", rate}});
}

void Medicine::raise_rates() {
  if (highest_rate() * kUnequal > dose_.rate) return;
  usual_rates("raise-rates", /*restarts=*/false);
}

void Medicine::raise_far_slower_rates() {
  if (highest_rate() * kFarSlower <= dose_.rate) raise_rates();
}

void Medicine::longer_schedule() {
  TrainingOptions training = config_.training;
  training.warmup_steps = 0;
  if (training.schedule_steps == 0 || rate_factor(training, since_step_, 0) * kFarSlower > 1) return;
  const std::map<std::string, std::string> values = {{"steps", std::to_string(training.schedule_steps)}};
  automatic("longer-schedule", {{"training.schedule_steps", "0"}}, /*restarts=*/false, values);
}

void Medicine::let_players_move() {
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

void Medicine::penalties() {
  const auto& objective = config_.objective;
  if (!takes_penalties()) return advise("no-normalisation");
  if (objective.r1 > 0 && objective.r2 > 0) return;
  automatic("penalties", both_penalties());
}

void Medicine::smaller_penalties() {
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

void Medicine::larger_latent() {
  const bool has_latents = players_.front().section == "generator";
  if (!has_latents || config_.generator.latent_size >= dose_.few_latents) return;
  const auto size = std::to_string(dose_.latents);
  automatic("larger-latent", {{"generator.latent_size", size}}, /*restarts=*/true, {{"latent_size", size}});
}

void Medicine::relativistic() {
  if (!takes_penalties()) return advise("no-normalisation");
  const auto& objective = config_.objective;
  if (objective.name == "relativistic" && objective.r1 > 0 && objective.r2 > 0) return;
  Settings settings = both_penalties();
  settings.insert(settings.begin(), {"objective.name", "relativistic"});
  if (objective.label_smoothing > 0) settings.insert(settings.begin(), {"objective.label_smoothing", "0"});
  automatic("relativistic", std::move(settings));
}

void Medicine::proven_game() {
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

void Medicine::wasserstein() {
  if (!takes_penalties()) return advise("smaller-discriminator");
  Settings settings = {{"objective.name", "wasserstein-gp"},
                       {"objective.gradient_penalty", number(kGradientPenalty)},
                       {"objective.r1", "0"},
                       {"objective.r2", "0"}};
  if (config_.objective.label_smoothing > 0) settings.insert(settings.begin(), {"objective.label_smoothing", "0"});
  if (config_.augmentation.adaptive) settings.insert(settings.begin(), {"augmentation.adaptive", "false"});
  automatic("wasserstein", std::move(settings));
}

void Medicine::augmentation() {
  const bool adaptive = !is_wasserstein() && !config_.objective.name.starts_with("relativistic");
  const std::string most = adaptive ? "0.8" : "0.6";
  Settings settings = {{"augmentation.translation", most}, {"augmentation.color", most}, {"augmentation.cutout", most}};
  if (adaptive) settings.emplace_back("augmentation.adaptive", "true");
  automatic(adaptive ? "adaptive-augmentation" : "augmentation", std::move(settings));
}

void Medicine::equal_rates() {
  const auto [slower, faster] = std::minmax(generator().learning_rate, config_.discriminator.learning_rate);
  const double rate = std::max(slower, std::min(faster, dose_.rate));
  automatic("equal-rates", both_rates(rate, rate));
}

void Medicine::no_momentum() {
  if (momentum() > kMuchMomentum) automatic("momentum", {{generator_key("beta1"), "0"}, {"discriminator.beta1", "0"}});
}

void Medicine::hold_to_input() {
  raise("hold-to-input", hold_weight(config_));
  if (config_.translator.dropout > 0) automatic("no-dropout", {{"translator.dropout", "0"}});
}

void Medicine::no_identity() {
  if (const auto identity = identity_weight(config_); identity.now > 0) change("no-identity", identity.key, 0);
}

void Medicine::usual_identity() {
  const auto identity = identity_weight(config_);
  if (identity.now < identity.usual) change("identity", identity.key, identity.usual);
}

void Medicine::average() {
  if (players_.front().ema == 0) automatic("average", {{generator_key("ema"), kUsualAverage}});
}

void Medicine::one_generator_turn() {
  if (generator().turns_per_step > 1) automatic("one-generator-turn", {{generator_key("turns_per_step"), "1"}});
}

Remedy Medicine::remedy(const std::string& name, const std::map<std::string, std::string>& values) const {
  return {.what = texts_.remedy(name, "what", values),
          .why = texts_.remedy(name, "why", values),
          .source = texts_.remedy(name, "source", values),
          .automatic = false,
          .settings = {},
          .restarts = false};
}

const PlayerRow& Medicine::other_player() const {
  const auto other = std::find_if(players_.begin(), players_.end(),
                                  [this](const auto& player) { return player.section != players_[0].section; });
  return other == players_.end() ? players_[0] : *other;
}

Medicine::Settings Medicine::both_rates(double generator, double other) const {
  return {{generator_key("learning_rate"), number(generator)},
          {other_player().section + ".learning_rate", number(other)}};
}

void Medicine::raise(const std::string& name, const TranslationWeight& weight) {
  change(name, weight.key, weight.now < weight.usual ? weight.usual : kMuchMore * weight.now);
}

void Medicine::change(const std::string& name, const std::string& key, double weight) {
  if (key.empty()) return;
  automatic(name, {{key, number(weight)}}, /*restarts=*/false, {{"key", key}, {"weight", number(weight)}});
}

Medicine::Settings Medicine::both_penalties() const {
  const auto usual = [this](double now) {
    return number(is_far_larger(now, dose_.penalty) ? dose_.penalty : std::max(now, dose_.penalty));
  };
  return {{"objective.r1", usual(config_.objective.r1)}, {"objective.r2", usual(config_.objective.r2)}};
}

void Medicine::stronger_adversary() { raise("stronger-adversary", adversary_weight(config_)); }

bool Medicine::takes_penalties() const { return forger::takes_penalties(config_.discriminator) && !is_wasserstein(); }

bool Medicine::is_far_larger(double penalty, double usual) { return penalty > kFarLarger * usual; }

std::string Medicine::number(double value) { return fmt::format("{:g}", value); }

}  // namespace forger
