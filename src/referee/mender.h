#pragma once

#include <ATen/core/Tensor.h>

#include <optional>
#include <string>
#include <vector>

#include "forger/config.h"
#include "forger/verdict.h"
#include "model/safetensors.h"
#include "referee/check.h"

namespace forger {

/// What the training has to do after a verdict.
struct Order {
  /// The configuration to go on with.
  Config config;
  /// New networks instead of those of the last healthy checkpoint.
  bool restarts = false;
  /// The first step of the sickness: weights from before it are healthy.
  int64_t sick_since = 0;
  MendEvent event;
};

/// Mends a sick training: one change at a time from the last healthy checkpoint on, kept only if the samples come
/// significantly nearer to unseen data than the sick ones were, else undone and the next remedy tried.
class Mender {
 public:
  explicit Mender(const RefereeOptions& options) : options_(options) {}

  /// Decides after a verdict. `config`: that of the training now. `samples`, `unseen`: features `[N, d]` of the present
  /// samples (undefined where there are none, as after a divergence) and of held-out reals. `beyond_noise`: the samples
  /// are farther from the data than noise is, where nearer is good enough only after a longer look.
  std::optional<Order> decide(const Verdict& verdict, const Config& config, const at::Tensor& samples,
                              const at::Tensor& unseen, bool beyond_noise = false);

  /// Whether a change is being tried: until it is kept or undone, checkpoints of it are nothing to go back to (they may
  /// even be of other networks).
  bool is_trying() const { return attempt_.has_value(); }

  /// Of a game that goes both ways, the one whose samples are to be compared: that of the attempt, else the verdict's.
  const std::string& way(const Verdict& verdict) const { return attempt_ ? attempt_->way : verdict.way; }

  /// The attempt that was kept at the last decision, if any: it changes nothing but is told.
  std::optional<MendEvent> take_kept();

  /// What it tried and is trying, for a training that is stopped and resumed.
  TensorFile state() const;
  /// Throws Error when `state` is not what `state()` returned.
  void restore(const TensorFile& state);

 private:
  struct Attempt {
    State against;
    std::string way;
    Remedy remedy;
    Config before;
    int64_t sick_since = 0;
    at::Tensor sick_samples;
    int checks = 0;
  };

  std::optional<Order> begin(const Verdict& verdict, const Config& config, const at::Tensor& samples);

  RefereeOptions options_;
  std::optional<Attempt> attempt_;
  std::vector<std::string> tried_;  // remedies of this game: since the last change that was kept
  int64_t attempts_ = 0;
  std::optional<MendEvent> kept_;
};

}  // namespace forger
