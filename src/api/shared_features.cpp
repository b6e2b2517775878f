#include "api/shared_features.h"

#include <algorithm>
#include <utility>

#include "core/torch.h"

namespace forger {
namespace {

/// What a process looks at in a turn: as many as the network takes at once, so that nothing is rounded otherwise.
constexpr int64_t kFeatureBatch = 32;

/// What rank 0 asks for: the images' shape; no images: nothing any more.
at::Tensor asked_shape(Team& team, at::IntArrayRef sizes = {0, 0, 0, 0}) {
  auto shape = at::tensor(sizes, at::kLong);
  team.share(shape);
  return shape;
}

/// Features `[N, size]` of float images `[N, C, H, W]`, which rank 0 has, for rank 0.
at::Tensor features_in_team(const FeatureNet& net, Team& team, const at::Tensor& images, at::IntArrayRef sizes) {
  const int64_t count = sizes[0], turn = kFeatureBatch * team.size(), first = team.rank() * kFeatureBatch;
  const auto all = at::empty({team.rank() == 0 ? count : 0, net.size()}, at::kFloat);
  for (int64_t done = 0; done < count; done += turn) {
    const int64_t part = std::min(turn, count - done), own = std::clamp<int64_t>(part - first, 0, kFeatureBatch);
    const auto shared = images.defined() ? images.narrow(0, done, part).to(at::kFloat).contiguous()
                                         : at::empty({part, sizes[1], sizes[2], sizes[3]}, at::kFloat);
    team.share(shared);
    const auto mine = at::zeros({1, kFeatureBatch, net.size()}, at::kFloat);
    if (own > 0) mine[0].narrow(0, 0, own).copy_(net.features(shared.narrow(0, first, own)));
    const auto found = team.gather(mine).flatten(0, 1);
    if (images.defined()) all.narrow(0, done, part).copy_(found.narrow(0, 0, part));
  }
  return all;
}

class SharedFeatures : public FeatureNet {
 public:
  SharedFeatures(std::shared_ptr<const FeatureNet> net, std::shared_ptr<Team> team)
      : net_(std::move(net)), team_(std::move(team)) {}
  ~SharedFeatures() override {
    try {
      asked_shape(*team_);
    } catch (const std::exception&) {
      // The others are gone.
    }
  }

  std::string name() const override { return net_->name(); }
  std::string hash() const override { return net_->hash(); }
  int64_t size() const override { return net_->size(); }
  at::Tensor features(const at::Tensor& images) const override {
    const bool can_be_shared = images.defined() && images.dim() == 4 && images.size(0) > kFeatureBatch;
    if (!can_be_shared) return net_->features(images);
    asked_shape(*team_, images.sizes());
    return features_in_team(*net_, *team_, images, images.sizes());
  }

 private:
  std::shared_ptr<const FeatureNet> net_;
  std::shared_ptr<Team> team_;
};

}  // namespace

std::shared_ptr<const FeatureNet> shared_features(std::shared_ptr<const FeatureNet> net, std::shared_ptr<Team> team) {
  return std::make_shared<SharedFeatures>(std::move(net), std::move(team));
}

void help_with_features(const FeatureNet& net, Team& team) {
  while (true) {
    const auto shape = asked_shape(team);
    const auto* sizes = shape.const_data_ptr<int64_t>();
    if (sizes[0] == 0) return;
    features_in_team(net, team, {}, {sizes, 4});
  }
}

}  // namespace forger
