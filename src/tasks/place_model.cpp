#include "tasks/place_model.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "core/fail.h"
#include "core/plural.h"
#include "core/torch.h"
#include "image/blur.h"
#include "onnx/operations.h"

namespace forger {
namespace {

/// Bands of detail, each twice as coarse as the one before, and the finest one's Gaussian in pixels.
constexpr int64_t kBands = 3;
constexpr double kFinestSigma = 1;
/// Added to an energy of values in [-1, 1] before its logarithm: half a grey level, squared.
constexpr double kLeastEnergy = 1e-5;
constexpr int64_t kPatchSide = 5;
/// Added to each number's variance, as a share of its variance over all places: a few hundred images say little about
/// the rarest directions. By view.
constexpr double kRidge[] = {0.05, 0.01};
/// The map is smoothed by this share of the image's shorter side.
constexpr double kSmoothing = 1.0 / 32;

at::Tensor framed(const at::Tensor& images, int64_t edge) {
  return at::replication_pad2d(images, {edge, edge, edge, edge});
}

/// Of the blur that smooths a map.
double smoothing_sigma(int64_t height, int64_t width) {
  return std::max(kSmoothing * static_cast<double>(std::min(height, width)), 0.5);
}

void add(at::Tensor& sum, const at::Tensor& part) { sum = sum.defined() ? sum + part : part; }

at::Tensor floats_of_size(const std::map<std::string, at::Tensor>& state, const std::string& name,
                          at::IntArrayRef sizes) {
  const auto& tensor = state_tensor(state, name);
  if (tensor.sizes() != sizes || tensor.scalar_type() != at::kFloat) {
    fail("the detector's tensor {} is of another shape or kind than the model's images need", name);
  }
  return tensor;
}

}  // namespace

const at::Tensor& state_tensor(const std::map<std::string, at::Tensor>& state, const std::string& name) {
  const auto found = state.find(name);
  if (found == state.end()) fail("the detector's tensor {} is missing", name);
  return found->second;
}

PlaceModel::PlaceModel(int64_t height, int64_t width)
    : height_(height), width_(width), window_(std::max<int64_t>(std::min(height, width) / 9, 1) | 1) {}

PlaceModel::PlaceModel(int64_t channels, int64_t height, int64_t width, const std::map<std::string, at::Tensor>& state)
    : PlaceModel(height, width) {
  const int64_t places = rows() * columns();
  for (const View view : {detail, patch}) {
    const int64_t numbers = view == detail ? channels * (1 + kBands) : kPatchSide * kPatchSide;
    const std::string prefix = std::string("places.") + kViews[view] + ".";
    auto& gaussians = gaussians_[view];
    gaussians.means = floats_of_size(state, prefix + "means", {places, numbers});
    gaussians.whitening = floats_of_size(state, prefix + "whitening", {places, numbers, numbers});
    gaussians.usual = floats_of_size(state, prefix + "usual", {2, places});
  }
}

std::map<std::string, at::Tensor> PlaceModel::state() const {
  std::map<std::string, at::Tensor> state;
  for (const View view : {detail, patch}) {
    const std::string prefix = std::string("places.") + kViews[view] + ".";
    state[prefix + "means"] = gaussians_[view].means;
    state[prefix + "whitening"] = gaussians_[view].whitening;
    state[prefix + "usual"] = gaussians_[view].usual;
  }
  return state;
}

at::Tensor PlaceModel::statistics(View view, const at::Tensor& images) const {
  at::Tensor numbers;  // [N, S, rows, columns]
  if (view == patch) {
    const auto grey = images.mean(1, /*keepdim=*/true);
    numbers = at::im2col(framed(grey, kPatchSide / 2), {kPatchSide, kPatchSide}, {1, 1}, {0, 0}, {2, 2})
                  .view({images.size(0), kPatchSide * kPatchSide, rows(), columns()});
  } else {
    std::vector<at::Tensor> parts = {local_mean(images, window_)};
    auto coarse = images;
    double sigma = kFinestSigma;
    for (int64_t band = 0; band < kBands; ++band, sigma *= 2) {
      const auto finer = std::exchange(coarse, blurred(coarse, sigma));
      parts.push_back((local_mean((finer - coarse).square(), window_) + kLeastEnergy).log());
    }
    numbers = at::adaptive_avg_pool2d(at::cat(parts, 1), {rows(), columns()});
  }
  return numbers.permute({2, 3, 1, 0}).flatten(0, 1);
}

OnnxValue PlaceModel::statistics(OnnxGraph& graph, View view, const OnnxValue& images) const {
  OnnxValue numbers;
  if (view == patch) {
    // A convolution that gives each pixel of a patch as it is.
    constexpr int64_t kNumbers = kPatchSide * kPatchSide, kEdge = kPatchSide / 2;
    const auto grey = onnx::reduce(graph, "ReduceMean", images, {1}, true);
    const auto pixels = at::eye(kNumbers).view({kNumbers, 1, kPatchSide, kPatchSide});
    const auto around = onnx::pad(graph, grey, "edge", {0, 0, kEdge, kEdge}, {0, 0, kEdge, kEdge});
    numbers = onnx::convolution(graph, "Conv", around, pixels, {}, 2, 0);
  } else {
    const auto mean = [&](const OnnxValue& input) {
      return onnx::filtered(graph, input, mean_matrix(height_, window_), mean_matrix(width_, window_));
    };
    std::vector<OnnxValue> parts = {mean(images)};
    auto coarse = images;
    double sigma = kFinestSigma;
    for (int64_t band = 0; band < kBands; ++band, sigma *= 2) {
      const auto finer = coarse;
      coarse = onnx::filtered(graph, coarse, blur_matrix(height_, sigma), blur_matrix(width_, sigma));
      const auto detail_here = onnx::minus(graph, finer, coarse);
      const auto energy = mean(onnx::times(graph, detail_here, detail_here));
      parts.push_back(graph.node("Log", {onnx::plus(graph, energy, graph.number(kLeastEnergy))}));
    }
    numbers = onnx::filtered(graph, onnx::cat(graph, parts, 1), pooling_matrix(rows(), height_),
                             pooling_matrix(columns(), width_));
  }
  const int64_t count = gaussians_[view].means.size(1);
  const auto flat = onnx::reshape(graph, numbers, {0, count, rows() * columns()});
  return onnx::permute(graph, flat, {2, 1, 0});
}

void PlaceModel::see(const at::Tensor& images) {
  torch::NoGradGuard no_grad;
  for (const View view : {detail, patch}) {
    const auto numbers = statistics(view, images.to(at::kFloat)).to(at::kDouble);
    add(gaussians_[view].sums, numbers.sum(2));
    add(gaussians_[view].products, numbers.bmm(numbers.transpose(1, 2)));
  }
  seen_ += images.size(0);
}

void PlaceModel::finish_learning() {
  if (seen_ < 2) fail("detector: received {}, accepted: at least 2", counted(seen_, "normal image"));
  torch::NoGradGuard no_grad;
  const auto count = static_cast<double>(seen_);
  for (const View view : {detail, patch}) {
    auto& [sums, products, means, whitening, distances, squares, usual] = gaussians_[view];
    const auto mean = sums / count, second = products / count;
    const auto overall = second.diagonal(0, 1, 2).mean(0) - mean.mean(0).square();
    const auto covariance =
        second - mean.unsqueeze(2) * mean.unsqueeze(1) + at::diag(kRidge[view] * overall.clamp_min(1e-6));
    // covariance = L L^T; L^-1 makes numbers of unit variance of it.
    const auto triangle = at::linalg_cholesky(covariance);
    const auto unit = at::eye(mean.size(1), at::kDouble).expand_as(triangle);
    whitening = at::linalg_solve_triangular(triangle, unit, /*upper=*/false).to(at::kFloat).contiguous();
    means = mean.to(at::kFloat);
    sums = products = at::Tensor();
  }
}

at::Tensor PlaceModel::distances(View view, const at::Tensor& images) const {
  const auto& gaussians = gaussians_[view];
  const auto numbers = statistics(view, images.to(at::kFloat));
  return gaussians.whitening.bmm(numbers - gaussians.means.unsqueeze(2)).square().sum(1).sqrt();
}

OnnxValue PlaceModel::distances(OnnxGraph& graph, View view, const OnnxValue& images) const {
  const auto& gaussians = gaussians_[view];
  const auto means = graph.constant(gaussians.means.unsqueeze(2));
  const auto centred = onnx::minus(graph, statistics(graph, view, images), means);
  return onnx::reduce(graph, "ReduceL2", onnx::matmul(graph, graph.constant(gaussians.whitening), centred), {1}, false);
}

void PlaceModel::calibrate(const at::Tensor& images) {
  torch::NoGradGuard no_grad;
  for (const View view : {detail, patch}) {
    const auto found = distances(view, images).to(at::kDouble);
    add(gaussians_[view].distances, found.sum(1));
    add(gaussians_[view].squares, found.square().sum(1));
  }
  calibrated_ += images.size(0);
}

void PlaceModel::finish_calibration() {
  if (calibrated_ == 0) fail("detector: received no held-out normal images, accepted: at least 1");
  for (auto& gaussians : gaussians_) {
    const auto mean = gaussians.distances / static_cast<double>(calibrated_);
    const auto variance = gaussians.squares / static_cast<double>(calibrated_) - mean.square();
    // The deviation is one for all places: a single place's would be known too badly.
    const auto deviation = variance.mean().clamp_min(1e-6).sqrt();
    gaussians.usual = at::stack({mean, deviation.expand_as(mean)}).to(at::kFloat).contiguous();
    gaussians.distances = gaussians.squares = at::Tensor();
  }
}

at::Tensor PlaceModel::map(const at::Tensor& images) const {
  torch::NoGradGuard no_grad;
  at::Tensor sum;
  for (const View view : {detail, patch}) {
    const auto& usual = gaussians_[view].usual;
    const auto strange =
        ((distances(view, images) - usual[0].unsqueeze(1)) / usual[1].unsqueeze(1)).clamp_min(0).square();
    sum = sum.defined() ? sum + strange : strange;
  }
  const auto places = sum.sqrt().t().reshape({images.size(0), 1, rows(), columns()});
  const auto full = at::upsample_bilinear2d(places, {height_, width_}, /*align_corners=*/false);
  return blurred(full, smoothing_sigma(height_, width_));
}

OnnxValue PlaceModel::map(OnnxGraph& graph, const OnnxValue& images) const {
  OnnxValue sum;
  for (const View view : {detail, patch}) {
    const auto& usual = gaussians_[view].usual;
    const auto above = onnx::minus(graph, distances(graph, view, images), graph.constant(usual[0].unsqueeze(1)));
    const auto scaled = graph.node("Div", {above, graph.constant(usual[1].unsqueeze(1))});
    const auto strange = onnx::relu(graph, scaled);
    const auto square = onnx::times(graph, strange, strange);
    sum = sum ? onnx::plus(graph, sum, square) : square;
  }
  const auto by_image = onnx::permute(graph, graph.node("Sqrt", {sum}), {1, 0});
  const auto places = onnx::reshape(graph, by_image, {-1, 1, rows(), columns()});
  const double sigma = smoothing_sigma(height_, width_);
  return onnx::filtered(graph, onnx::resize_bilinear(graph, places, height_, width_), blur_matrix(height_, sigma),
                        blur_matrix(width_, sigma));
}

}  // namespace forger
