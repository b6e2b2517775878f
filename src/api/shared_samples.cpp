#include "api/shared_samples.h"

#include <algorithm>

#include "api/images_at_once.h"
#include "api/inspector.h"
#include "core/torch.h"

namespace forger {

int64_t samples_at_once(const ModelInfo& info) { return images_at_once(shape_of(info)); }

at::Tensor sample_in_team(const Model& model, int64_t count, const SampleOptions& options, Team* team) {
  if (team == nullptr) return model.sample(count, options);
  const auto& info = model.info();
  const int64_t block = samples_at_once(info), round = block * team->size();
  at::Tensor all;
  if (team->rank() == 0) all = at::empty({count, info.channels, info.height_px, info.width_px}, at::kFloat);
  for (int64_t done = 0; done < count; done += round) {
    const auto mine = at::zeros({1, block, info.channels, info.height_px, info.width_px}, at::kFloat);
    SampleOptions part = options;
    part.first = done + team->rank() * block;
    if (const int64_t own = std::min(block, count - part.first); own > 0) {
      mine[0].narrow(0, 0, own).copy_(model.sample(own, part));
    }
    const auto drawn = team->gather(mine).flatten(0, 1);
    const int64_t wanted = std::min(round, count - done);
    if (all.defined()) all.narrow(0, done, wanted).copy_(drawn.narrow(0, 0, wanted));
  }
  return all;
}

}  // namespace forger
