#include "referee/remedies.h"

#include <fmt/format.h>

#include "referee/medicine.h"

namespace forger {
namespace {

/// Noise on images in [-1, 1].
constexpr double kInstanceNoise = 0.1;

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
      medicine.advise("larger-networks");
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
