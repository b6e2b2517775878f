#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "games/adaptive_augmentation.h"
#include "games/catalog.h"
#include "networks/network.h"

namespace forger {

/// What a discriminator is shown: reals, and groups of as many fakes, each made in one pass of the generator. Batch
/// statistics of the groups do not mix.
struct Shown {
  Batch reals;
  std::vector<at::Tensor> fakes;
};

/// The discriminator's side of a game, the same in all games: its network and player, the objective, penalties,
/// augmentation, and its turns.
class Adversary {
 public:
  /// `shape`: of what it is shown, where channels beyond those of the images are their sources' and come first;
  /// `classes`: 0 unless class-conditional; `name`: of its player, where a game has several of them.
  Adversary(const Config& config, const GameInput& input, const ImageShape& shape, int64_t classes,
            const std::string& name = "discriminator");

  const Objective& objective() const { return *objective_; }
  Discriminator& network() { return *network_; }
  Player& player() { return player_; }
  /// What a step depends on besides the player's state: the strength of an adaptive augmentation.
  void add_state(TensorMap& state) const { state[strength_name_] = augmentation_.strength(); }

  /// Dropout draws from `random` in this step.
  void begin_step(const ItemRandom& random) { network_->use_random(random); }

  /// A part of a batch, asked for when its turn comes; fakes without their graph.
  using Part = std::function<Shown(size_t part)>;
  /// One turn on a batch in `parts` parts, whose gradients are averaged. Reports its loss, penalties and the answers to
  /// the last part. False: something was not finite, and nothing was applied.
  bool turn(const StepInput& input, size_t parts, const Part& part, StepReport& report);
  /// Whether a lazy penalty is due in this step, after its turns; and the turn that applies it.
  bool owes_penalty(int64_t step) const;
  bool penalty_turn(const StepInput& input, size_t parts, const Part& part, StepReport& report);
  /// The step's only turn, on a whole batch, and the lazy penalty's where one is due.
  bool only_turn(const StepInput& input, const Shown& shown, StepReport& report);

  /// Logits of images as it sees them in training, augmented: `[N]`, or of patches.
  at::Tensor logits(const StepInput& input, const at::Tensor& images, const at::Tensor& labels);
  /// What the generator minimises: the objective's loss on groups of fakes, with their graph. `real_logits` where the
  /// objective needs reals. Freeze the player meanwhile.
  at::Tensor generator_loss(const StepInput& input, const std::vector<at::Tensor>& fakes, const at::Tensor& labels,
                            const at::Tensor& real_logits);
  /// The same of fakes without classes, beside `reals`, which are looked at where the objective needs that.
  at::Tensor generator_loss_beside(const StepInput& input, const at::Tensor& reals, const at::Tensor& fakes);

 private:
  /// Images as it sees them in training.
  at::Tensor augmented(const at::Tensor& images, const StepInput& input) const;
  at::Tensor own_logits(const StepInput& input, const at::Tensor& images, const at::Tensor& labels);
  /// Logits of all groups, one after the other, in one pass where each image is treated by itself.
  std::vector<at::Tensor> logits_of(const StepInput& input, const std::vector<at::Tensor>& groups,
                                    const at::Tensor& labels);
  /// The sum of the penalties that the objective asks for, in float32.
  at::Tensor penalties(const StepInput& input, const Shown& shown, double factor, StepReport& report);
  /// Cross entropy of the rotations that it names.
  at::Tensor rotation_loss(const at::Tensor& reals);

  Config config_;
  std::string strength_name_;
  c10::Device device_;
  int64_t source_channels_;
  bool bfloat16_;
  std::shared_ptr<const Objective> objective_;
  std::shared_ptr<Discriminator> network_;
  Player player_;
  AdaptiveAugmentation augmentation_;
};

}  // namespace forger
