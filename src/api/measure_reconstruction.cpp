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
  ItemLists lists(options.team);
  std::vector<at::Tensor> batch;
  std::vector<int64_t> items;
  const auto look = [&] {
    if (batch.empty()) return;
    const auto images = to_floats(at::stack(batch));
    const auto found = compare_images(images, to_floats(to_bytes(model.reconstruct(images).images)));
    for (size_t i = 0; i < found.size(); ++i) {
      lists.add(items[i], "mean_squared_error", found[i].mean_squared_error);
      lists.add(items[i], "psnr_db", found[i].psnr_db);
      lists.add(items[i], "ssim", found[i].ssim);
    }
    batch.clear(), items.clear();
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
  for_each_image(questions, count, lists, result, prepare, [&](int64_t item, const std::vector<at::Tensor>& parts) {
    for (const auto& part : parts) {
      batch.push_back(part), items.push_back(item);
      if (static_cast<int64_t>(batch.size()) == images_at_once(shape)) look();
    }
  });
  look();
  if (!hear_all(lists, result)) return;
  constexpr double kNoLimit = std::numeric_limits<double>::infinity();
  result.measures.push_back(mean_of("mean_squared_error", lists.numbers("mean_squared_error"), 0, kNoLimit));
  result.measures.push_back(mean_of("psnr_db", lists.numbers("psnr_db"), 0, kNoLimit));
  const auto& similarities = lists.numbers("ssim");
  if (!std::isnan(similarities[0])) result.measures.push_back(mean_of("ssim", similarities, -1, 1));
}

}  // namespace forger
