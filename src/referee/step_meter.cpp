#include "referee/step_meter.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <utility>

namespace forger {
namespace {

constexpr size_t kBlockSteps = 20;
constexpr size_t kBlocks = 64;
constexpr size_t kFewestBlocks = 16;

double mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

/// `values` is not empty.
double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// Takes the straight line of least squares out.
void detrend(std::vector<double>& values) {
  const auto count = static_cast<double>(values.size());
  const double middle = (count - 1) / 2, level = mean(values);
  double up = 0, across = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    const double x = static_cast<double>(i) - middle;
    up += x * (values[i] - level);
    across += x * x;
  }
  for (size_t i = 0; i < values.size(); ++i) values[i] -= level + up / across * (static_cast<double>(i) - middle);
}

/// Fisher's g: the largest periodogram ordinate over their sum; p = m (1 - g)^(m - 1), at most 1.
double period_p_value(const std::vector<double>& values) {
  const size_t count = values.size(), frequencies = (count - 1) / 2;
  double largest = 0, sum = 0;
  for (size_t k = 1; k <= frequencies; ++k) {
    double real = 0, imaginary = 0;
    for (size_t i = 0; i < count; ++i) {
      const double angle = 2 * std::numbers::pi * static_cast<double>(k * i) / static_cast<double>(count);
      real += values[i] * std::cos(angle);
      imaginary += values[i] * std::sin(angle);
    }
    const double power = real * real + imaginary * imaginary;
    largest = std::max(largest, power);
    sum += power;
  }
  if (sum <= 0) return kUnknown;
  const auto m = static_cast<double>(frequencies);
  return std::min(1.0, m * std::pow(1 - largest / sum, m - 1));
}

}  // namespace

Swing measure_swing(const std::vector<double>& series, size_t block) {
  const size_t blocks = series.size() / block;
  if (blocks < kFewestBlocks) return {};
  std::vector<double> means;
  double within = 0;
  for (size_t b = 0; b < blocks; ++b) {
    const auto first = series.begin() + static_cast<std::ptrdiff_t>(b * block);
    const double level =
        std::accumulate(first, first + static_cast<std::ptrdiff_t>(block), 0.0) / static_cast<double>(block);
    // Differences of neighbours, because a swing within a block is not noise.
    for (size_t i = 1; i < block; ++i)
      within += std::pow(first[static_cast<std::ptrdiff_t>(i)] - first[static_cast<std::ptrdiff_t>(i) - 1], 2) / 2;
    means.push_back(level);
  }
  within /= static_cast<double>(blocks * (block - 1));
  detrend(means);
  double between = 0;
  for (const double value : means) between += value * value;
  between /= static_cast<double>(blocks - 2);
  if (within <= 0) return {};
  return {static_cast<double>(block) * between / within, period_p_value(means)};
}

void StepMeter::watch(const StepReport& report) {
  finite_ = report.finite;
  if (!report.finite) return;
  if (const auto loss = report.losses.find("discriminator"); loss != report.losses.end()) {
    losses_.push_back(loss->second);
    if (losses_.size() > kBlockSteps * kBlocks) losses_.pop_front();
  }
  double ratio = 0;
  for (const auto& player : report.players) {
    ratio = std::max(ratio, player.update_ratio);
    weight_norms_[player.name] = player.weight_norm;
    // A player that has had no turn yet reports no rate, one whose schedule is at its end a rate of nothing, and one
    // that was resumed no weights until they are measured.
    if (player.learning_rate > 0 && player.weight_norm > 0) {
      auto& turns = turns_[player.name];
      turns.updates.push_back(player.update_ratio);
      turns.rates.push_back(player.learning_rate);
      turns.gradients.push_back(player.gradient_norm);
    }
    if (player.weight_norm > 0) first_weight_norms_.try_emplace(player.name, player.weight_norm);
  }
  update_ratios_.push_back(ratio);
}

void StepMeter::read(Check& check) {
  check.finite = finite_;
  const auto swing = measure_swing({losses_.begin(), losses_.end()}, kBlockSteps);
  check.loss_swing = swing.ratio;
  check.loss_period_p = swing.period_p;
  if (!update_ratios_.empty()) {
    check.update_ratio = median(std::move(update_ratios_));
    update_ratios_.clear();
  }
  for (const auto& [player, turns] : turns_) {
    check.updates[player] = median(turns.updates);
    check.rates[player] = median(turns.rates);
    check.gradients[player] = median(turns.gradients);
  }
  turns_.clear();
  const auto norm_in = [](const std::map<std::string, double>& norms, const char* player) {
    const auto found = norms.find(player);
    return found == norms.end() ? kUnknown : found->second;
  };
  check.generator_weights = norm_in(weight_norms_, "generator");
  check.discriminator_weights = norm_in(weight_norms_, "discriminator");
  check.weight_growth = std::fmax(check.generator_weights / norm_in(first_weight_norms_, "generator"),
                                  check.discriminator_weights / norm_in(first_weight_norms_, "discriminator"));
}

}  // namespace forger
