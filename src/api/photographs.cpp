#include "api/photographs.h"

#include <algorithm>

#include "core/fail.h"
#include "core/plural.h"
#include "core/torch.h"

namespace forger {
namespace {

/// More photographs hardly change the Gaussian.
constexpr int64_t kMostPhotographs = 500;

NaturalStatistics statistics_of(const Pixels& picture) {
  return natural_statistics(to_tensor(to_channels(picture, 1))[0]);
}

bool is_measurable(const NaturalStatistics& statistics) {
  return statistics.features.size(0) >= NaturalModel::kLeastPatchesMeasured;
}

}  // namespace

Photographs read_photographs(const Source& source, const Levels& levels, const std::string& place, int64_t count) {
  Photographs found;
  const int64_t wanted = std::min({source.size(), kMostPhotographs, count > 0 ? count : kMostPhotographs});
  std::vector<at::Tensor> sharp;
  for (int64_t nth = 0; nth < wanted; ++nth) {
    try {
      const auto statistics = statistics_of(source.decode(nth * source.size() / wanted, {.levels = levels}));
      sharp.push_back(sharp_features(statistics));
      if (is_measurable(statistics)) found.features.push_back(statistics.features);
    } catch (const Error& error) {
      found.skipped.emplace_back(error.what());
    }
  }
  const auto all = sharp.empty() ? at::empty({0, kNiqeFeatures}) : at::cat(sharp);
  const auto from = fmt::format("{} sharp patches ({}x{}) of {} of {}", all.size(0), kNiqePatch, kNiqePatch,
                                counted(static_cast<int64_t>(sharp.size()), "picture"), place);
  if (all.size(0) < NaturalModel::kLeastPatches) {
    found.definition =
        fmt::format("{} are too few to fit niqe on, accepted: {} or more", from, NaturalModel::kLeastPatches);
    return found;
  }
  found.model.emplace(all);
  found.definition =
      fmt::format("Mittal et al. 2013, lower is better, of the luma of BT.601 (0 to 255), fitted on {}", from);
  return found;
}

at::Tensor niqe_features(const Pixels& picture, const std::string& name) {
  auto statistics = statistics_of(picture);
  if (!is_measurable(statistics)) {
    fail("niqe: {}: accepted: {} whole patches of {} pixels, not all of one level", name,
         NaturalModel::kLeastPatchesMeasured, kNiqePatch);
  }
  return std::move(statistics.features);
}

}  // namespace forger
