#include "games/adaptive_strength.h"

#include <algorithm>

#include "core/torch.h"

namespace forger {
namespace {

/// Images in which the strength can go from nothing to all: the paper's 500,000 are for trainings of 25 million.
constexpr double kImagesToFull = 100'000;

}  // namespace

AdaptiveStrength::AdaptiveStrength(double start) : strength_(torch::full({}, start, at::kDouble)) {}

double AdaptiveStrength::now() const { return strength_.item<double>(); }

void AdaptiveStrength::follow(bool too_certain, int64_t images) {
  const double change = (too_certain ? 1.0 : -1.0) * static_cast<double>(images) / kImagesToFull;
  strength_.fill_(std::clamp(now() + change, 0.0, 1.0));
}

}  // namespace forger
