#include "api/task_measures.h"
#include "core/fail.h"
#include "core/torch.h"
#include "image/float_image.h"
#include "image/grid.h"
#include "image/tiles.h"
#include "metrics/likeness.h"

namespace forger {
namespace {

/// Values of one measure, of what the model makes and of plain bicubic resizing.
struct Compared {
  std::vector<double> model, bicubic;
};

/// An image without a border, as floats in [-1, 1], `[1, C, H, W]`.
at::Tensor inner(const at::Tensor& pixels, int64_t border) {
  const auto cut = pixels.slice(1, border, pixels.size(1) - border).slice(2, border, pixels.size(2) - border);
  return to_floats(cut.unsqueeze(0).contiguous());
}

/// The luma of BT.601 in its range of 16 to 235 of 255, as the literature measures with, of float images `[1, C, H, W]`
/// in [-1, 1]; in the same form, `[1, 1, H, W]`.
at::Tensor luma(const at::Tensor& images) {
  if (images.size(1) == 1) return images;
  const auto weights = at::tensor({65.481, 128.553, 24.966}, at::kDouble).view({1, 3, 1, 1});
  const auto levels = (((images.to(at::kDouble) + 1) / 2) * weights).sum(1, /*keepdim=*/true) + 16;
  return levels / 127.5 - 1;
}

/// Both sides multiples of the scale.
Pixels trimmed_to(const Pixels& image, int64_t scale) {
  return cut(image, 0, 0, image.height / scale * scale, image.width / scale * scale);
}

}  // namespace

void measure_upscaling(const Model& model, const Questions& questions, const TaskOptions& options,
                       TaskEvaluation& result) {
  const int64_t scale = model.info().scale, border = scale;
  if (scale == 0) fail("metrics: received measures of upscaling, but the model is no upscaler");
  std::map<std::string, Compared> found;
  const auto compare = [&](const at::Tensor& truth, const at::Tensor& made, std::vector<double> Compared::* into) {
    const auto add = [&](const std::string& suffix, const at::Tensor& first, const at::Tensor& second) {
      if (!wants(options, "psnr" + suffix) && !wants(options, "ssim" + suffix)) return;
      const auto likeness = compare_images(first, second).front();
      (found["psnr" + suffix].*into).push_back(likeness.psnr_db);
      (found["ssim" + suffix].*into).push_back(likeness.ssim);
    };
    const auto wanted = inner(truth, border), received = inner(made, border);
    add("", wanted, received);
    add("-y", luma(wanted), luma(received));
  };
  const auto prepare = [&](int64_t item, const Pixels& image) {
    const auto whole = trimmed_to(to_channels(image, image.channels == 1 ? 1 : 3), scale);
    constexpr int64_t kLeastSide = 11;  // a window of ssim
    if (std::min(whole.height, whole.width) < kLeastSide + 2 * border) {
      fail("{}: is {}x{} (height x width), accepted: at least {} pixels a side", questions.source().name(item),
           image.height, image.width, kLeastSide + 2 * border);
    }
    return whole;
  };
  for_each_image(questions, options.count, result, prepare, [&](int64_t, const Pixels& whole) {
    const auto small = to_pixels(resized(to_float(whole), whole.height / scale, whole.width / scale));
    const auto bicubic = to_pixels(resized(to_float(small), whole.height, whole.width));
    const auto truth = to_tensor(whole);
    compare(truth, model.upscale(to_tensor(small), {}), &Compared::model);
    compare(truth, to_tensor(bicubic), &Compared::bicubic);
  });
  for (const auto& metric : options.metrics) {
    const auto values = found.find(metric);
    if (values == found.end()) continue;
    const bool decibels = metric.starts_with("psnr");
    const double least = decibels ? 0 : -1, most = decibels ? std::numeric_limits<double>::infinity() : 1;
    result.measures.push_back(mean_of(metric, values->second.model, least, most));
    result.measures.push_back(mean_of(metric + " of bicubic", values->second.bicubic, least, most));
  }
}

}  // namespace forger
