#include <cmath>

#include "api/images_at_once.h"
#include "api/inspector.h"
#include "api/task_measures.h"
#include "core/torch.h"
#include "image/grid.h"
#include "image/tiles.h"
#include "metrics/likeness.h"

namespace forger {
namespace {

/// Reconstructions that are searched for, unless more are asked for: each takes seconds.
constexpr int64_t kSearched = 100;

}  // namespace

void measure_reconstruction(const Model& model, const Questions& questions, const TaskOptions& options,
                            TaskEvaluation& result) {
  std::vector<at::Tensor> batch;
  std::vector<double> errors, decibels, similarities;
  const auto look = [&] {
    if (batch.empty()) return;
    const auto images = to_floats(at::stack(batch));
    for (const auto& likeness : compare_images(images, to_floats(to_bytes(model.reconstruct(images).images)))) {
      errors.push_back(likeness.mean_squared_error);
      decibels.push_back(likeness.psnr_db);
      similarities.push_back(likeness.ssim);
    }
    batch.clear();
  };
  const ImageShape shape = shape_of(model.info());
  // Larger images are made again in tiles, each of which counts as an image.
  const auto prepare = [&](int64_t item, Pixels image) {
    const auto name = questions.source().name(item);
    std::vector<at::Tensor> parts;
    if (!is_seen_in_tiles(image.height, image.width, shape, name, options.resize)) {
      parts.push_back(to_tensor(to_model_shape(std::move(image), shape, name, options.resize)));
      return parts;
    }
    for (const int64_t top : tile_starts(image.height, shape.height)) {
      for (const int64_t left : tile_starts(image.width, shape.width)) {
        parts.push_back(to_tensor(to_channels(cut(image, top, left, shape.height, shape.width), shape.channels)));
      }
    }
    return parts;
  };
  const int64_t count = options.count == 0 && !model.info().has_encoder ? kSearched : options.count;
  for_each_image(questions, count, result, prepare, [&](int64_t, const std::vector<at::Tensor>& parts) {
    for (const auto& part : parts) {
      batch.push_back(part);
      if (static_cast<int64_t>(batch.size()) == images_at_once(shape)) look();
    }
  });
  look();
  constexpr double kNoLimit = std::numeric_limits<double>::infinity();
  result.measures.push_back(mean_of("mean_squared_error", errors, 0, kNoLimit));
  result.measures.push_back(mean_of("psnr_db", decibels, 0, kNoLimit));
  if (!std::isnan(similarities[0])) result.measures.push_back(mean_of("ssim", similarities, -1, 1));
}

}  // namespace forger
