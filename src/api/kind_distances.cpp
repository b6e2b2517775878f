#include "api/kind_distances.h"

#include <algorithm>
#include <utility>

#include "core/fail.h"
#include "core/plural.h"
#include "core/torch.h"
#include "image/grid.h"
#include "metrics/distances.h"
#include "metrics/features.h"

namespace forger {
namespace {

constexpr uint64_t kKindSeed = 1;
constexpr int64_t kKindResamples = 50;
constexpr const char* kKindMetrics[] = {"fid", "kid"};
/// Lists of pictures.
constexpr const char *kTruths = "truths", *kMadePictures = "made", *kPlains = "plains";

}  // namespace

void KindDistances::add(int64_t item, const AnsweredPicture& pictures) {
  if (std::ranges::none_of(kKindMetrics, [&](const char* metric) { return wants(options_, metric); })) return;
  lists_.add(item, kTruths, to_tensor(pictures.truth).contiguous());
  lists_.add(item, kMadePictures, to_tensor(pictures.model).contiguous());
  if (pictures.plain) lists_.add(item, kPlains, to_tensor(*pictures.plain).contiguous());
}

std::string KindDistances::reason() const {
  const auto& pictures = lists_.tensors(kTruths);
  const auto count = static_cast<int64_t>(pictures.size());
  if (count < kLeastLearningImages) {
    return fmt::format("{} too few to learn features from, accepted: {} or more", counted_are(count, "image"),
                       kLeastLearningImages);
  }
  const auto differs = [&](const at::Tensor& truth) { return truth.sizes() != pictures[0].sizes(); };
  return std::ranges::any_of(pictures, differs) ? "received images of several sizes, accepted: one size (option resize)"
                                                : "";
}

void KindDistances::finish() const {
  std::shared_ptr<const FeatureNet> net;
  at::Tensor truths;
  const auto why_not = reason();
  for (const std::string metric : kKindMetrics) {
    if (!wants(options_, metric)) continue;
    if (!why_not.empty()) {
      result_.measures.push_back(without_value(metric, why_not));
      continue;
    }
    if (!net) {
      const auto images = to_floats(at::stack(lists_.tensors(kTruths)));
      net = learn_features(images, kKindSeed);
      truths = net->features(images);
    }
    const auto definition = fmt::format(
        "{} of all that is made from all {} truths, in {}, hash {}, learnt from these; compares only where the hash is "
        "the "
        "same",
        metric == "fid" ? "Fréchet distance" : "kernel distance", truths.size(0), net->name(), net->hash());
    for (const auto& [name, images] : {std::pair(metric, &lists_.tensors(kMadePictures)),
                                       std::pair(metric + " of " + plain_, &lists_.tensors(kPlains))}) {
      if (images->empty()) continue;
      const auto features = net->features(to_floats(at::stack(*images)));
      const auto found = metric == "kid" ? kernel_distance(truths, features)
                                         : frechet_distance(truths, features, kKindResamples, kKindSeed);
      result_.measures.push_back({name, found.value, found.low, found.high, "", definition});
    }
  }
}

}  // namespace forger
