#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace forger {

inline constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

/// Everything that the referee measured at one moment of a training: a line of metrics.jsonl. What could not be
/// measured is NaN. "Unseen" are held-out reals; baselines are real against real, with the same number of images.
struct Check {
  int64_t step = 0;
  int64_t images = 0;
  double seconds = 0;
  /// Whether mending changed the game since the last check: nothing before is of the same game.
  bool new_game = false;
  /// Seconds that this check took.
  double cost_seconds = 0;
  /// Fakes, and held-out reals, that it looked at.
  int64_t fakes = 0;
  int64_t unseen = 0;
  /// Whether the features passed their self-test: known damage is seen, and real against real is not.
  bool features_work = false;

  // From the step reports since the last check.
  /// Whether the last steps were finite.
  bool finite = true;
  /// Median norm of an update over the norm of the weights, the larger of both players'.
  double update_ratio = kUnknown;
  /// By the player's name, of its turns: that median for each, the learning rate that it had then, and the median norm
  /// of its gradient.
  std::map<std::string, double> updates, rates, gradients;
  /// Norm of each player's weights, and the larger of both over that at the start of the game.
  double generator_weights = kUnknown, discriminator_weights = kUnknown;
  double weight_growth = kUnknown;
  /// Variance of the discriminator's loss between blocks of steps over what batch noise explains: 1 is noise.
  double loss_swing = kUnknown;
  /// p-value of Fisher's g-test for a period in the same blocks.
  double loss_period_p = kUnknown;

  // Condition 1: the discriminator's answers.
  /// P(answer to unseen real > answer to fake), with its 90 % interval; the same for training images.
  double auc_unseen = kUnknown, auc_unseen_low = kUnknown, auc_unseen_high = kUnknown;
  double auc_training = kUnknown, auc_training_low = kUnknown, auc_training_high = kUnknown;
  /// Kolmogorov–Smirnov distance of the answers, and the limit that chance stays below.
  double answers_distance = kUnknown, answers_limit = kUnknown;
  /// (mean answer to training - to unseen) / (to training - to fake): 0 no, 1 complete memorising; and how many
  /// standard deviations of chance the answers to training images rank above those to unseen ones (Mann–Whitney).
  double memorising = kUnknown, memorising_z = kUnknown;
  /// Mean p(real) on unseen reals and on fakes, after Platt scaling on another half.
  double p_real_unseen = kUnknown, p_real_fake = kUnknown;
  /// Accuracy of a freshly trained classifier on features, with its 90 % interval.
  double fresh_critic = kUnknown, fresh_critic_low = kUnknown, fresh_critic_high = kUnknown;
  /// The same of a convolutional one on pixels; only in the full mode, and for images.
  double pixel_critic = kUnknown, pixel_critic_low = kUnknown, pixel_critic_high = kUnknown;

  // The course.
  /// What the generator gets to learn from (games/exhibit.h).
  double signal_at_logits = kUnknown, signal_at_images = kUnknown, signal_agreement = kUnknown;
  double slope_ratio = kUnknown;
  /// Cross-play with the players of `rival_step`: the present discriminator against past fakes, and the past
  /// discriminator against present fakes; `rival_auc` is how those two did against each other.
  int64_t rival_step = -1;
  double rival_auc = kUnknown, new_critic_auc = kUnknown, new_fakes_auc = kUnknown;
  /// The worst AUC of the present discriminator against earlier fakes that its own time told apart (AUC > 0.8).
  double remembered_auc = kUnknown;

  // Condition 2: the samples (averaged weights).
  /// Kernel distance to unseen reals with its 95 % interval, of training images (baseline), and of the mildest damage.
  double kid = kUnknown, kid_low = kUnknown, kid_high = kUnknown, kid_baseline = kUnknown, kid_mild = kUnknown;
  /// Kernel distance of noise, for scale.
  double kid_noise = kUnknown;
  /// p-value of "the samples did not come nearer since the check before last but two".
  double improvement_p = kUnknown;
  double coverage = kUnknown, coverage_baseline = kUnknown, density = kUnknown;
  /// Share of bins whose proportions differ, and its 99.9 % limit.
  double bins_different = kUnknown, bins_limit = kUnknown;
  /// Bins that the fakes leave (nearly) empty, of `bins`.
  std::vector<int64_t> starved_bins;
  int64_t bins = 0;
  /// Effective number of different images over that of reals (averaged weights; raw weights).
  double diversity = kUnknown, raw_diversity = kUnknown;
  /// How far the images of two latents lie apart, over the same for two reals.
  double spread = kUnknown;
  /// Mean largest absolute value of the raw generator's images over that of reals: far above 1, they have left the
  /// data's range, which only a generator without a bound at its end can do.
  double reach = kUnknown;
  /// How much the raw generator's share of each kind (ten coarse bins) changed since the last check: Jensen–Shannon
  /// divergence in bits, 0 to 1; and the same for two real draws.
  double movement = kUnknown, movement_baseline = kUnknown;
  /// Kinds that the raw generator leaves (nearly) empty, of `kinds`.
  std::vector<int64_t> missing_kinds;
  int64_t kinds = 0;
  /// Mann–Whitney z of distances to training images: far below zero is copying. And how much nearer, as a share.
  double copying_z = kUnknown, nearer_share = kUnknown;
  /// Share of samples that are as good as equal to a training image (`repeated_share`).
  double repeated = kUnknown;
  /// Share of fakes whose nearest real, of training and unseen ones together, is a training image; what it is by
  /// chance, the training images' share of them; and its z.
  double known_nearest = kUnknown, known_nearest_baseline = kUnknown, known_nearest_z = kUnknown;

  /// Whether the samples are to look like the data as a whole; if not, condition 2 was not measured.
  bool imitates_data = true;
  /// Of games whose images have a truth of their own: mean peak signal-to-noise ratio of held-out images made from
  /// their sources, in dB, and of the sources themselves.
  double truth_psnr_db = kUnknown, source_psnr_db = kUnknown;

  // Of games that translate images (averaged weights).
  /// How far what is made lies from its source, over how far the truth lies from it or, without truths, another source:
  /// 0 for copies. And how far it lies from the truth, over the same.
  double source_distance = kUnknown, truth_distance = kUnknown;
  /// Kernel distance of the sources themselves to unseen reals, and the lower end of its 95 % interval.
  double source_kid = kUnknown, source_kid_low = kUnknown;
  /// How much another source changes what is made, beyond chance, over how much real images or sources differ.
  double source_effect = kUnknown;
  /// The share of what is made that is nearer to its own truth than to another one, with the upper end of its 90 %
  /// interval: a half by chance.
  double own_truth = kUnknown, own_truth_high = kUnknown;
  /// Deviation of the images' mean colours, over that of unseen reals.
  double color_variety = kUnknown;
  /// Mean correlation of what is made with the truth or, without truths, with the source, in lightness; and the kernel
  /// distance of the samples' negatives to unseen reals.
  double light_agreement = kUnknown, negative_kid = kUnknown;

  /// Of games that go both ways: the check of the way back at the same moment.
  std::shared_ptr<const Check> back;
};

/// Of checks of games that go both ways, those of the way back; empty where one has none.
std::vector<Check> way_back(const std::vector<Check>& checks);

/// The checks of the present game: from the last one of a new game on.
std::vector<Check> present_game(const std::vector<Check>& checks);

/// One JSON object without line ends; NaN becomes null.
std::string to_json(const Check& check);
/// Throws Error when the line is not one of ours. Fields that are missing stay unknown.
Check check_from_json(const std::string& line);

}  // namespace forger
