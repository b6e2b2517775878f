#include "tasks/detector.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "core/fail.h"
#include "core/random.h"
#include "core/torch.h"
#include "games/foreign_parts.h"
#include "games/rotations.h"
#include "image/blur.h"
#include "image/grid.h"
#include "metrics/ranking.h"
#include "model/load_weights.h"
#include "networks/catalog.h"
#include "players/precision.h"
#include "tasks/detector_constants.h"

namespace forger {
namespace {

/// Weights of its opinions that are tried, beside that of the places.
constexpr double kWeights[] = {0, 0.25, 0.5, 1, 2, 4};
/// Pixels that they are tried on.
constexpr int64_t kPixelsToTry = 1'000'000;

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

DetectorNetworks load_detector_networks(const ModelFile& file, const std::string& source, c10::Device device) {
  const auto* part = file.part("discriminator");
  if (!part) fail("{}: a detector's discriminator is missing", source);
  DetectorNetworks networks;
  networks.discriminator =
      loaded(make_discriminator(config_of(*part).discriminator, file.shape, /*classes=*/0, make_random(0)), file,
             "discriminator", source, device);
  if (const auto* pixels = file.part("pixel_discriminator")) {
    const int64_t width = config_of(*pixels).pixel_discriminator.width;
    networks.pixel_discriminator = loaded(std::make_shared<PixelDiscriminator>(width, file.shape, make_random(0)), file,
                                          "pixel_discriminator", source, device);
  }
  return networks;
}

Detector::Detector(const DetectorNetworks& networks, const ImageShape& shape, c10::Device device)
    : networks_(networks), shape_(shape), device_(device), places_(shape.height, shape.width) {}

Detector Detector::learn(const DetectorNetworks& networks, const ImageShape& shape, c10::Device device,
                         const Images& normals, const Images& held_out) {
  Detector detector(networks, shape, device);
  std::vector<at::Tensor> remembered;
  for_each_batch(normals, [&](const at::Tensor& images) {
    detector.places_.see(images);
    remembered.push_back(to_bytes(detector.small(images)));
  });
  detector.places_.finish_learning();
  detector.remember(at::cat(remembered));

  for_each_batch(held_out, [&](const at::Tensor& images) { detector.places_.calibrate(images); });
  detector.places_.finish_calibration();
  if (networks.pixel_discriminator) detector.weigh_opinions(held_out);
  std::vector<at::Tensor> parts, peaks;
  for_each_batch(held_out, [&](const at::Tensor& images) {
    const auto maps = detector.maps(images);
    parts.push_back(detector.parts(images, maps));
    peaks.push_back(highest(maps.all));
  });
  const auto all = at::cat(parts);
  detector.scales_ = scales_of(all);
  detector.scales_ = at::cat({detector.scales_, scales_of(detector.combined(all).unsqueeze(1))}, 1);
  detector.scores_.emplace(detector.scores_of(all));
  detector.peaks_.emplace(at::cat(peaks));
  return detector;
}

Detector::Detector(const DetectorNetworks& networks, const ImageShape& shape, c10::Device device,
                   const std::map<std::string, at::Tensor>& state)
    : networks_(networks), shape_(shape), device_(device), places_(shape.channels, shape.height, shape.width, state) {
  const at::Tensor neighbours = state_tensor(state, "neighbours");
  const auto expected = small(at::zeros({1, shape.channels, shape.height, shape.width}));
  if (neighbours.dim() != 4 || neighbours.size(0) < 1 || neighbours.scalar_type() != at::kByte ||
      neighbours.sizes().slice(1) != expected.sizes().slice(1)) {
    fail("the detector's tensor neighbours is of another shape or kind than the model's images need");
  }
  remember(neighbours);
  if (networks_.pixel_discriminator && state.contains("map_scales")) {
    map_scales_ = state_tensor(state, "map_scales");
    if (map_scales_.scalar_type() != at::kDouble || map_scales_.sizes() != at::IntArrayRef{4} ||
        map_scales_[0].item<double>() <= 0 || map_scales_[3].item<double>() <= 0) {
      fail("the detector's tensor map_scales is of another shape or kind than it needs");
    }
  }
  scales_ = state_tensor(state, "scales");
  const int64_t peaks = map_scales_.defined() ? 2 : 1;
  if (scales_.scalar_type() != at::kDouble || scales_.dim() != 2 || scales_.size(0) != 2 ||
      scales_.size(1) != parts_of_whole() + peaks + 1 || (scales_[1] <= 0).any().item<bool>()) {
    fail("the detector's tensor scales does not fit its parts");
  }
  scores_.emplace(state_tensor(state, "scores"));
  peaks_.emplace(state_tensor(state, "peaks"));
}

std::map<std::string, at::Tensor> Detector::state() const {
  auto state = places_.state();
  state["neighbours"] = neighbours_;
  state["scales"] = scales_;
  if (map_scales_.defined()) state["map_scales"] = map_scales_;
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

Detected Detector::detect(const at::Tensor& images, bool in_float32) const {
  if (in_float32 && precision_ != "float32") {
    auto detector = *this;
    detector.precision_ = "float32";
    return detector.detect(images);
  }
  torch::NoGradGuard no_grad;
  const auto found = maps(images);
  return {scores_of(parts(images, found)), found.all};
}

void Detector::weigh_opinions(const Images& held_out) {
  // Their first two moments give mean and deviation of their sum at any weight.
  auto sums = at::zeros({2}, at::kDouble), products = at::zeros({2, 2}, at::kDouble);
  int64_t count = 0;
  for_each_batch(held_out, [&](const at::Tensor& images) {
    const auto both = at::stack({places_.map(images), opinions(images)}).flatten(1).to(at::kDouble);
    sums += both.sum(1);
    products += both.mm(both.t());
    count += both.size(1);
  });
  const auto means = sums / count, squares = products / count;
  const double places_scale = std::max(std::sqrt(squares[0][0].item<double>()), kLeast);
  const double weight = best_weight(held_out, places_scale);
  if (weight == 0) return;

  const auto weights = at::tensor({1 / places_scale, weight}, at::kDouble);
  const double mean = weights.dot(means).item<double>();
  const double variance = weights.dot(squares.mv(weights)).item<double>() - mean * mean;
  map_scales_ = at::tensor({places_scale, weight, mean, std::sqrt(std::max(variance, kLeast))}, at::kDouble);
}

/// The one with which foreign parts are told from the rest best.
double Detector::best_weight(const Images& held_out, double places_scale) const {
  const ItemRandom random(derive_seed(0, Stream::foreign_parts));
  std::vector<at::Tensor> strange, asked, wrong;
  int64_t pixels = 0;
  for_each_batch(held_out, [&](const at::Tensor& images) {
    if (pixels >= kPixelsToTry) return;
    const auto [mixed, foreign] = with_foreign_parts(images, random);
    strange.push_back(places_.map(mixed).flatten() / places_scale);
    asked.push_back(opinions(mixed).flatten());
    wrong.push_back(foreign.flatten() > 0.5);
    pixels += foreign.numel();
  });
  const auto places = at::cat(strange), opinions = at::cat(asked), foreign = at::cat(wrong);
  double best = 0, most = -1;
  for (const double weight : kWeights) {
    const auto map = places + weight * opinions;
    const double area = auroc(map.masked_select(foreign.logical_not()), map.masked_select(foreign));
    if (area > most) best = weight, most = area;
  }
  return best;
}

Detector::Maps Detector::maps(const at::Tensor& images) const {
  const auto places = places_.map(images);
  if (!map_scales_.defined()) return {places, places};
  const auto* scales = map_scales_.const_data_ptr<double>();
  return {places, (places / scales[0] + scales[1] * opinions(images) - scales[2]) / scales[3]};
}

/// The pixel discriminator's log odds that a pixel is foreign, `[N, 1, H, W]`.
at::Tensor Detector::opinions(const at::Tensor& images) const {
  torch::NoGradGuard no_grad;
  at::Tensor answers;
  {
    Precision precision(device_, uses_bfloat16(precision_, device_));
    answers = networks_.pixel_discriminator->forward(images.to(device_));
  }
  return blurred(answers.cpu(), kOpinionSigma);
}

at::Tensor Detector::combined(const at::Tensor& parts) const {
  const auto count = parts.size(1), whole = parts_of_whole();
  const auto scaled = (parts - scales_[0].narrow(0, 0, count)) / scales_[1].narrow(0, 0, count);
  return at::maximum(scaled.narrow(1, 0, whole).sum(1) / std::sqrt(static_cast<double>(whole)),
                     scaled.narrow(1, whole, count - whole).mean(1));
}

at::Tensor Detector::scores_of(const at::Tensor& parts) const {
  return (combined(parts) - scales_[0][parts.size(1)]) / scales_[1][parts.size(1)];
}

at::Tensor Detector::parts(const at::Tensor& images, const Maps& maps) const {
  torch::NoGradGuard no_grad;
  std::vector<at::Tensor> parts = {remoteness(images)};
  if (networks_.discriminator->names_rotations()) parts.push_back(unsureness(images));
  parts.push_back(highest(maps.places));
  for (auto& part : parts) part = part.to(at::kDouble).clamp_min(kLeast).log();
  // Log odds already.
  if (map_scales_.defined()) parts.push_back(highest(maps.all).to(at::kDouble));
  return at::stack(parts, 1);
}

/// Mean over the four rotations of -log p(the right one), `[N]`.
at::Tensor Detector::unsureness(const at::Tensor& images) const {
  at::Tensor answers;
  {
    Precision precision(device_, uses_bfloat16(precision_, device_));
    answers = networks_.discriminator->rotations(rotated(images.to(device_)));
  }
  const auto right = at::log_softmax(answers.cpu(), 1).gather(1, rotation_numbers(images).unsqueeze(1));
  return -right.view({kRotations, images.size(0)}).mean(0);
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
