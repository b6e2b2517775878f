#include "api/learn_detector.h"

#include <algorithm>
#include <memory>
#include <vector>

#include "api/images_at_once.h"
#include "core/fail.h"
#include "core/torch.h"
#include "image/grid.h"
#include "tasks/detector.h"

namespace forger {
namespace {

constexpr int64_t kMostHeldOut = 2000;

/// At most `most` images of a set, `at_once` at a time, evenly spread over it; unreadable ones are passed over.
Images images_of(const std::shared_ptr<const Dataset>& dataset, int64_t most, int64_t at_once) {
  const int64_t count = std::min(dataset->size(), most);
  return [dataset, count, at_once]() -> ImageFeed {
    return [dataset, count, at_once, next = int64_t{0}]() mutable {
      std::vector<at::Tensor> images;
      while (next < count && static_cast<int64_t>(images.size()) < at_once) {
        try {
          images.push_back(dataset->get(next++ * dataset->size() / count, kFixedDraw).image);
        } catch (const Error&) {
          continue;  // named already, when training came upon it
        }
      }
      return images.empty() ? at::Tensor() : to_floats(at::stack(images)).contiguous();
    };
  };
}

}  // namespace

void add_detector(ModelFile& model, const TrainingSession& session) {
  const auto& config = session.config;
  model.detector = {config.discriminator, config.pixel_discriminator.width};
  const auto networks = load_detector_networks(model, "the training's state", session.device);
  const int64_t at_once = images_at_once(model.shape);
  const auto detector = Detector::learn(networks, model.shape, session.device,
                                        images_of(session.data.training, config.detector.normals, at_once),
                                        images_of(session.data.held_out, kMostHeldOut, at_once));
  for (const auto& [name, tensor] : detector.state()) model.tensors["detector." + name] = tensor;
}

}  // namespace forger
