#include "tasks/detector.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "core/fail.h"
#include "core/torch.h"
#include "games/turns.h"
#include "image/grid.h"
#include "players/precision.h"

namespace forger {
namespace {

/// Neighbours are compared at this many pixels a side at most: what is finer is noise to a distance of whole images.
constexpr int64_t kSmallSide = 32;
constexpr int64_t kNearest = 5, kCandidates = 8;
/// Parts are at least this before their logarithm, deviations before they divide.
constexpr double kLeast = 1e-6;

/// `[2, P]`: means and deviations of columns.
at::Tensor scales_of(const at::Tensor& columns) {
  return at::stack({columns.mean(0), columns.std(0, /*unbiased=*/false).clamp_min(kLeast)});
}

at::Tensor highest(const at::Tensor& maps) { return maps.amax({1, 2, 3}); }

template <class Use>
void for_each_batch(const Images& images, Use&& use) {
  const auto next = images();
  for (auto batch = next(); batch.defined(); batch = next()) use(batch);
}

}  // namespace

Detector::Detector(std::shared_ptr<Discriminator> discriminator, const ImageShape& shape, c10::Device device)
    : discriminator_(std::move(discriminator)), shape_(shape), device_(device),
      places_(shape.height, shape.width) {}

Detector Detector::learn(std::shared_ptr<Discriminator> discriminator, const ImageShape& shape, c10::Device device,
                         const Images& normals, const Images& held_out) {
  Detector detector(std::move(discriminator), shape, device);
  std::vector<at::Tensor> remembered;
  for_each_batch(normals, [&](const at::Tensor& images) {
    detector.places_.see(images);
    remembered.push_back(to_bytes(detector.small(images)));
  });
  detector.places_.finish_learning();
  detector.remember(at::cat(remembered));

  for_each_batch(held_out, [&](const at::Tensor& images) { detector.places_.calibrate(images); });
  detector.places_.finish_calibration();
  std::vector<at::Tensor> parts, peaks;
  for_each_batch(held_out, [&](const at::Tensor& images) {
    const auto maps = detector.places_.map(images);
    parts.push_back(detector.parts(images, maps));
    peaks.push_back(highest(maps));
  });
  const auto all = at::cat(parts);
  detector.scales_ = scales_of(all);
  detector.scales_ = at::cat({detector.scales_, scales_of(detector.combined(all).unsqueeze(1))}, 1);
  detector.scores_.emplace(detector.scores_of(all));
  detector.peaks_.emplace(at::cat(peaks));
  return detector;
}

Detector::Detector(std::shared_ptr<Discriminator> discriminator, const ImageShape& shape, c10::Device device,
                   const std::map<std::string, at::Tensor>& state)
    : discriminator_(std::move(discriminator)), shape_(shape), device_(device),
      places_(shape.channels, shape.height, shape.width, state) {
  const at::Tensor neighbours = state_tensor(state, "neighbours");
  const auto expected = small(at::zeros({1, shape.channels, shape.height, shape.width}));
  if (neighbours.dim() != 4 || neighbours.size(0) < 1 || neighbours.scalar_type() != at::kByte ||
      neighbours.sizes().slice(1) != expected.sizes().slice(1)) {
    fail("the detector's tensor neighbours is of another shape or kind than the model's images need");
  }
  remember(neighbours);
  scales_ = state_tensor(state, "scales");
  if (scales_.scalar_type() != at::kDouble || scales_.dim() != 2 || scales_.size(0) != 2 ||
      scales_.size(1) != (discriminator_->names_turns() ? 4 : 3) || (scales_[1] <= 0).any().item<bool>()) {
    fail("the detector's tensor scales does not fit its parts");
  }
  scores_.emplace(state_tensor(state, "scores"));
  peaks_.emplace(state_tensor(state, "peaks"));
}

std::map<std::string, at::Tensor> Detector::state() const {
  auto state = places_.state();
  state["neighbours"] = neighbours_;
  state["scales"] = scales_;
  state["scores"] = scores_->scores();
  state["peaks"] = peaks_->scores();
  return state;
}

at::Tensor Detector::small(const at::Tensor& images) const {
  return at::adaptive_avg_pool2d(images, {std::min(shape_.height, kSmallSide), std::min(shape_.width, kSmallSide)});
}

void Detector::remember(const at::Tensor& images) {
  neighbours_ = images.contiguous();
  flat_ = to_floats(images).flatten(1).contiguous();
  norms_ = flat_.square().sum(1);
}

Detected Detector::detect(const at::Tensor& images) const {
  torch::NoGradGuard no_grad;
  const auto maps = places_.map(images);
  return {scores_of(parts(images, maps)), maps};
}

at::Tensor Detector::combined(const at::Tensor& parts) const {
  const auto count = parts.size(1);
  const auto scaled = (parts - scales_[0].narrow(0, 0, count)) / scales_[1].narrow(0, 0, count);
  const auto whole = scaled.narrow(1, 0, count - 1).sum(1) / std::sqrt(static_cast<double>(count - 1));
  return at::maximum(whole, scaled.select(1, count - 1));
}

at::Tensor Detector::scores_of(const at::Tensor& parts) const {
  return (combined(parts) - scales_[0][parts.size(1)]) / scales_[1][parts.size(1)];
}

at::Tensor Detector::parts(const at::Tensor& images, const at::Tensor& maps) const {
  torch::NoGradGuard no_grad;
  std::vector<at::Tensor> parts = {remoteness(images)};
  if (discriminator_->names_turns()) parts.push_back(unsureness(images));
  parts.push_back(highest(maps));
  return at::stack(parts, 1).to(at::kDouble).clamp_min(kLeast).log();
}

/// Mean over the four turns of -log p(the right one), `[N]`.
at::Tensor Detector::unsureness(const at::Tensor& images) const {
  at::Tensor answers;
  {
    Precision precision(device_, uses_bfloat16("auto", device_));
    answers = discriminator_->turns(turned(images.to(device_)));
  }
  const auto right = at::log_softmax(answers.cpu(), 1).gather(1, turn_numbers(images).unsqueeze(1));
  return -right.view({kTurns, images.size(0)}).mean(0);
}

/// Mean distance to the nearest neighbours, `[N]`.
at::Tensor Detector::remoteness(const at::Tensor& images) const {
  const auto rows = small(images).flatten(1);
  // |a|^2 + |b|^2 - 2ab finds them fast, but its rounding depends on the batch: their distances are taken again.
  const auto roughly = rows.square().sum(1, true) + norms_ - 2 * rows.matmul(flat_.t());
  const auto candidates =
      std::get<1>(roughly.topk(std::min(kCandidates, flat_.size(0)), 1, /*largest=*/false, /*sorted=*/false));
  const auto found = flat_.index_select(0, candidates.flatten()).view({rows.size(0), -1, rows.size(1)});
  const auto distances = (found - rows.unsqueeze(1)).square().sum(2);
  return std::get<0>(distances.topk(std::min(kNearest, flat_.size(0)), 1, /*largest=*/false)).sqrt().mean(1);
}

}  // namespace forger
