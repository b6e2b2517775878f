#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "config/game_table.h"
#include "forger/config.h"
#include "forger/verdict.h"
#include "referee/texts.h"
#include "referee/translation_weights.h"

namespace forger {

/// Above this no GAN was seen to learn with Adam.
inline constexpr double kAbsurdRate = 0.02;
inline constexpr double kUnequal = 2;
/// So many times slower than usual is no matter of taste.
inline constexpr double kFarSlower = 10;
/// Radford et al. 2015 found Adam's usual 0.9 to oscillate and took 0.5.
inline constexpr double kMuchMomentum = 0.5;

/// What suits a kind of data.
struct Dose {
  /// Fewer numbers than this in a latent draw a line, or less, through the data; as many as `latents` do not.
  int64_t few_latents, latents;
  /// R1 and R2: images have a few thousand numbers, and the slope that a penalty allows is shared among them.
  double penalty;
  /// With Adam: convolutions learn at Radford et al.'s (2015), small perceptrons at a larger one.
  double rate;
};
bool is_of_points(const Config& config);
const Dose& dose_of(const Config& config);

/// Collects remedies for one configuration.
class Medicine {
 public:
  using Settings = std::vector<std::pair<std::string, std::string>>;  // keys and values

  Medicine(int64_t since_step, const Config& config, const Texts& texts)
      : since_step_(since_step), config_(config), texts_(texts), dose_(dose_of(config)), players_(players_of(config)) {}

  std::vector<Remedy> all() && { return std::move(remedies_); }

  void automatic(const std::string& name, Settings settings, bool restarts = false,
                 const std::map<std::string, std::string>& values = {});
  void advise(const std::string& name) { remedies_.push_back(remedy(name, {})); }

  void halve_rates();
  /// Both players' rates as they are for this kind of data.
  void usual_rates(const std::string& name, bool restarts);
  /// As fast as the generator, at the usual rate or twice as fast as it was, whichever is the most.
  void faster_discriminator();
  /// Where both rates are far below the usual one, nothing moves because of them.
  void raise_rates();
  /// Where both are so far below it that samples are still those of young networks.
  void raise_far_slower_rates();
  /// Where it began when the schedule had brought the rates down far before the budget's end, nothing moves because of
  /// that.
  void longer_schedule();
  /// The usual rate for each player that moves too slowly, and an optimiser that such a rate is for.
  void let_players_move();
  /// R1 and R2, or advice where the discriminator's batch normalisation forbids them.
  void penalties();
  /// Where they are far larger than usual, the discriminator's answers can hardly differ because of them. Its optimiser
  /// knows only the small gradients that this leaves: from there, it would leap.
  void smaller_penalties();
  void larger_latent();
  /// Relativistic loss with R1 and R2, or advice where the discriminator's batch normalisation forbids those.
  void relativistic();
  /// All that R3GAN trains with, at once: where several things are wrong, no single change helps.
  void proven_game();
  /// Wasserstein with a gradient penalty, or advice where the discriminator's batch normalisation forbids that.
  void wasserstein();
  /// As much as the discriminator needs, or, where its logits have no zero to see that by, a fixed measure.
  void augmentation();
  /// The slower side's rate for both, because a faster one may be why it is sick; but none at which nobody would learn.
  void equal_rates();
  void no_momentum();
  /// Of a translation, a larger weight for the discriminator's opinion, against all that holds it to its input.
  void stronger_adversary();
  /// A larger weight for what ties a translation to its input.
  void hold_to_input();
  /// Rewards who changes nothing.
  void no_identity();
  /// Keeps colours.
  void usual_identity();
  void average();
  void one_generator_turn();
  bool takes_penalties() const;
  bool is_wasserstein() const { return config_.objective.name.starts_with("wasserstein"); }
  double momentum() const { return std::max(generator().beta1, config_.discriminator.beta1); }
  double highest_rate() const { return std::max(generator().learning_rate, other_player().options->learning_rate); }
  bool rates_are_unequal() const { return rate_ratio() > kUnequal || rate_ratio() < 1 / kUnequal; }
  double rate_ratio() const { return config_.discriminator.learning_rate / generator().learning_rate; }

 private:
  Remedy remedy(const std::string& name, const std::map<std::string, std::string>& values) const;
  const OptimizerOptions& generator() const { return *players_.front().options; }
  std::string generator_key(const std::string& option) const { return players_.front().section + "." + option; }
  /// Who learns beside the generators, which share one section: the discriminator, or the next one where none plays, or
  /// nobody.
  const PlayerRow& other_player() const;
  Settings both_rates(double generator, double other) const;
  /// To the usual weight, or beyond it.
  void raise(const std::string& name, const TranslationWeight& weight);
  /// A weight of translation, where the game has it.
  void change(const std::string& name, const std::string& key, double weight);
  Settings both_penalties() const;
  static bool is_far_larger(double penalty, double usual);
  static std::string number(double value);

  const int64_t since_step_;
  const Config& config_;
  const Texts& texts_;
  const Dose dose_;
  const std::vector<PlayerRow> players_;
  std::vector<Remedy> remedies_;
};

}  // namespace forger
