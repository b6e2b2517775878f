#include "api/learn_detector.h"

#include <algorithm>
#include <memory>
#include <vector>

#include "api/images_at_once.h"
#include "core/fail.h"
#include "core/plural.h"
#include "core/torch.h"
#include "image/grid.h"
#include "tasks/detector.h"

namespace forger {
namespace {

constexpr int64_t kMostHeldOut = 2000;
/// Images that must be held out: of fewer, the spread of what is usual is not known.
constexpr int64_t kFewestHeldOut = 10;
/// Images that must be trained on: one alone has no spread at all.
constexpr int64_t kFewestNormals = 2;

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

void check_detector_data(const Config& config, const OpenedData& data) {
  if (config.detector.normals == 0) return;
  if (data.training->size() < kFewestNormals) {
    fail("{} trained on, accepted for a detector: {} or more (more images, or a smaller data.held_out)",
         counted_are(data.training->size(), "image"), kFewestNormals);
  }
  if (data.held_out->size() < kFewestHeldOut) {
    fail("{} held out, accepted for the detector's scales: {} or more (more images, or a larger data.held_out)",
         counted_are(data.held_out->size(), "image"), kFewestHeldOut);
  }
}

void add_detector(ModelFile& model, const TrainingSession& session) {
  const auto& config = session.config;
  model.parts.push_back({"detector", "detector"});
  const auto networks = load_detector_networks(model, "the training's state", session.device);
  const int64_t at_once = images_at_once(model.shape);
  const auto detector = Detector::learn(networks, model.shape, session.device,
                                        images_of(session.data.training, config.detector.normals, at_once),
                                        images_of(session.data.held_out, kMostHeldOut, at_once));
  for (const auto& [name, tensor] : detector.state()) model.tensors["detector." + name] = tensor;
}

}  // namespace forger
