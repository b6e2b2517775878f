#include "api/picture_features.h"

#include <algorithm>
#include <vector>

#include "core/fail.h"
#include "core/plural.h"
#include "core/torch.h"
#include "image/grid.h"
#include "metrics/feature_distance.h"

namespace forger {
namespace {

constexpr int64_t kMostSquares = 2000;
constexpr uint64_t kFeatureSeed = 1;

/// RGB, `[1, 3, H, W]` in [-1, 1].
at::Tensor as_floats(const Pixels& picture) {
  return to_floats(to_tensor(to_channels(picture, 3)).unsqueeze(0).contiguous());
}

/// `most` of the rows, evenly spread.
at::Tensor evenly(const at::Tensor& rows, int64_t most) {
  if (rows.size(0) <= most) return rows;
  return rows.index_select(0, at::arange(most, at::kLong) * rows.size(0) / most);
}

}  // namespace

PictureFeatures learn_picture_features(const Source& source, const Levels& levels, const std::string& place,
                                       int64_t count) {
  const int64_t wanted = std::min({source.size(), kMostSquares, count > 0 ? count : kMostSquares});
  std::vector<at::Tensor> squares;
  for (int64_t nth = 0; nth < wanted; ++nth) {
    try {
      const auto picture = as_floats(source.decode(nth * source.size() / wanted, {.levels = levels}));
      squares.push_back(evenly(feature_parts(picture), kMostSquares / wanted));
    } catch (const Error&) {  // named where the picture is measured
    }
  }
  const auto all = squares.empty() ? at::empty({0}) : at::cat(squares);
  const auto from = fmt::format("{} squares ({}x{}) of {} of {}", all.size(0), kFeaturePart, kFeaturePart,
                                counted(static_cast<int64_t>(squares.size()), "picture"), place);
  if (all.size(0) < kLeastLearningImages) {
    return {nullptr,
            fmt::format("{} are too few to learn features from, accepted: {} or more", from, kLeastLearningImages)};
  }
  auto net = learn_features(all, kFeatureSeed);
  return {net,
          fmt::format("mean squared distance from the truth in {}, hash {}, learnt from {}; 0: equal, 1: nothing in "
                      "common, lower is better; not LPIPS",
                      net->name(), net->hash(), from)};
}

double distance_of(const FeatureNet& net, const Pixels& truth, const Pixels& made) {
  return feature_distance(net, as_floats(truth), as_floats(made));
}

}  // namespace forger
