#include "api/task_measures.h"
#include "api/truth_measures.h"
#include "api/upscaled_pairs.h"
#include "core/fail.h"
#include "core/torch.h"
#include "image/float_image.h"

namespace forger {

void measure_upscaling(const Model& model, const Questions& questions, const TaskOptions& options,
                       TaskEvaluation& result) {
  const int64_t scale = model.info().scale, border = scale;
  if (scale == 0) fail("metrics: received measures of upscaling, but the model is no upscaler");
  if (scale == 1 && options.low.empty()) {
    result.warnings.push_back(
        "the model's scale is 1: it is given the pictures themselves, and the measures say how little it changes them; "
        "option low gives it others");
  }
  constexpr int64_t kLeastSide = 11;  // a window of ssim
  const Pairs pairs(questions, options.low, scale, (kLeastSide + 2 * border + scale - 1) / scale * scale);
  ItemLists lists(options.team);
  TruthMeasures measures(questions, options, "bicubic", border, lists, result);
  const auto prepare = [&](int64_t item, const Pixels& image) { return pairs.of(item, image, result.clipped); };
  for_each_image(questions, options.count, lists, result, prepare, [&](int64_t item, Pair pair) {
    auto made = to_pixels(model.upscale(to_tensor(pair.small), {}));
    auto bicubic = to_pixels(resized(to_float(pair.small), pair.truth.height, pair.truth.width));
    measures.add(item, {questions.source().name(item), std::move(pair.truth), std::move(made), std::move(bicubic)});
  });
  if (!hear_all(lists, result)) return;
  result.small_images = pairs.describe();
  measures.finish();
}

}  // namespace forger
