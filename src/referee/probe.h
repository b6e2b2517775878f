#pragma once

#include <deque>
#include <memory>

#include "games/exhibit.h"
#include "referee/check.h"
#include "referee/reference.h"

namespace forger {

/// Makes the measurements of a check that need networks and images.
class Probe {
 public:
  /// `seed`: of the latents that are drawn. `costly`: also trains a critic on pixels at each look.
  Probe(std::unique_ptr<Exhibit> exhibit, std::shared_ptr<const Reference> reference, uint64_t seed, bool costly);

  /// Fills everything but the fields "from the step reports" and the cost. `state`: the game's tensors after
  /// `check.step` (only read). Called again for the same step, it is another look: other latents, the same past.
  void measure(const TensorMap& state, Check& check);

  /// Features of the averaged generator's samples at the last call, `[N, d]`; undefined before.
  at::Tensor last_features() const { return past_.empty() ? at::Tensor() : past_.back().features; }

 private:
  /// What stays of an earlier check, to play against and to compare with.
  struct Past {
    int64_t step = 0;
    TensorMap discriminator;
    at::Tensor fakes;     // of the raw generator, half precision
    at::Tensor features;  // of the averaged generator's fakes
    std::vector<int64_t> raw_kinds;
    double auc = kUnknown;
  };

  /// The players of four checks ago, or the oldest there are. `past_` is not empty.
  const Past& rival() const;
  /// `on_unseen`: the discriminator's answers to the unseen images.
  void judge_answers(const at::Tensor& on_unseen, const at::Tensor& fakes, const Origins& origins, Check& check);
  /// What the generator gets to learn from.
  void measure_signal(const Origins& origins, Check& check);
  /// How much the sources matter for what is made of them.
  void measure_source_effect(const Origins& origins, const at::Tensor& fakes, Check& check);
  /// Sources and labels of real images, the latter only in class-conditional games.
  Origins real_origins(const at::Tensor& sources, const at::Tensor& labels) const;
  /// Leaves the rival's discriminator in the exhibit.
  void play_the_past(const at::Tensor& on_unseen, const at::Tensor& fakes, const Origins& origins, Check& check);

  std::unique_ptr<Exhibit> exhibit_;
  std::shared_ptr<const Reference> reference_;
  uint64_t seed_;
  bool costly_;
  std::deque<Past> past_;  // oldest first
  uint64_t looks_ = 0;     // at the present step, before this one
};

/// The measurements of condition 2 that need samples only: distances, coverage, bins, diversity, copying.
void measure_samples(const Reference& reference, const at::Tensor& features, const at::Tensor& images, Check& check);

/// What a classifier of features, freshly trained on training images and fakes `fitted`, gets right of unseen images
/// and fakes `tested`.
void measure_fresh_critic(const Reference& reference, const at::Tensor& training_features, const at::Tensor& fitted,
                          const at::Tensor& tested, uint64_t seed, Check& check);

}  // namespace forger
