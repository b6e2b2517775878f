#include "api/task_measures.h"
#include "core/fail.h"
#include "core/torch.h"
#include "data/small_images.h"
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

/// Both sides multiples of the scale.
Pixels trimmed_to(const Pixels& image, int64_t scale) {
  return cut(image, 0, 0, image.height / scale * scale, image.width / scale * scale);
}

/// A picture, and what the model is to make it of.
struct Pair {
  Pixels truth, small;
};

/// Makes pairs of pictures: both sides of the truth become multiples of the scale.
class Pairs {
 public:
  Pairs(const Questions& questions, const std::string& low, int64_t scale, int64_t least_px)
      : questions_(questions), scale_(scale), least_px_(least_px) {
    if (low.empty()) return;
    DataOptions options;
    options.source = low;
    low_.emplace(open_source(options), scale, "option low");
  }

  /// Throws Error where the picture is too small, or the small image that belongs to it is missing or does not fit.
  Pair of(int64_t item, const Pixels& image) const {
    const auto name = questions_.source().name(item);
    if (std::min(image.height, image.width) < least_px_) {
      fail("{}: is {}x{} (height x width), accepted: at least {} pixels a side", name, image.height, image.width,
           least_px_);
    }
    const int64_t channels = image.channels == 1 ? 1 : 3;
    Pair pair{trimmed_to(to_channels(image, channels), scale_), {}};
    if (!low_) {
      pair.small = to_pixels(resized(to_float(pair.truth), pair.truth.height / scale_, pair.truth.width / scale_));
      return pair;
    }
    const int64_t number = low_->number_of(name);
    pair.small = to_channels(low_->decode(number, questions_.levels()), channels);
    low_->check_size(number, pair.small, name, image.height, image.width);
    return pair;
  }

 private:
  const Questions& questions_;
  int64_t scale_, least_px_;
  std::optional<SmallImages> low_;
};

/// What the name of a measure stands for.
std::string definition_of(const std::string& metric, int64_t border) {
  const std::string values = metric.ends_with("-y") ? "the luma of BT.601 (16 to 235)" : "red, green and blue";
  const std::string measure =
      metric.starts_with("psnr")
          ? "10 log10 of 255² over the mean squared error of " + values
          : "Wang et al. 2004: whole 11x11 Gaussian windows of deviation 1.5, K1 0.01, K2 0.03, range 255, of " +
                values;
  return fmt::format("{}; a border of {} pixel{} is left out", measure, border, border == 1 ? "" : "s");
}

}  // namespace

void measure_upscaling(const Model& model, const Questions& questions, const TaskOptions& options,
                       TaskEvaluation& result) {
  const int64_t scale = model.info().scale, border = scale;
  if (scale == 0) fail("metrics: received measures of upscaling, but the model is no upscaler");
  if (scale == 1 && options.low.empty()) {
    result.warnings.push_back(
        "the model's scale is 1: it is given the pictures themselves, and the measures say how little it changes them; "
        "option low gives it others");
  }
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
    add("-y", bt601_luma(wanted), bt601_luma(received));
  };
  constexpr int64_t kLeastSide = 11;  // a window of ssim
  const int64_t least_px = (kLeastSide + 2 * border + scale - 1) / scale * scale;
  const Pairs pairs(questions, options.low, scale, least_px);
  const auto prepare = [&](int64_t item, const Pixels& image) { return pairs.of(item, image); };
  for_each_image(questions, options.count, result, prepare, [&](int64_t, const Pair& pair) {
    const auto truth = to_tensor(pair.truth);
    compare(truth, model.upscale(to_tensor(pair.small), {}), &Compared::model);
    const auto bicubic = to_pixels(resized(to_float(pair.small), pair.truth.height, pair.truth.width));
    compare(truth, to_tensor(bicubic), &Compared::bicubic);
  });
  result.small_images = options.low.empty()
                            ? fmt::format("made of the images: bicubic, antialiased, 1/{} of the sides, 8 bits", scale)
                            : options.low;
  for (const auto& metric : options.metrics) {
    const auto values = found.find(metric);
    if (values == found.end()) continue;
    const bool decibels = metric.starts_with("psnr");
    const double least = decibels ? 0 : -1, most = decibels ? std::numeric_limits<double>::infinity() : 1;
    for (auto measure : {mean_of(metric, values->second.model, least, most),
                         mean_of(metric + " of bicubic", values->second.bicubic, least, most)}) {
      measure.definition = definition_of(metric, border);
      result.measures.push_back(std::move(measure));
    }
  }
}

}  // namespace forger
