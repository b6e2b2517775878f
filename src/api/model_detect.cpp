#include <fmt/ranges.h>

#include <algorithm>

#include "api/images_at_once.h"
#include "api/inspector.h"
#include "api/model_parts.h"
#include "core/fail.h"
#include "core/interruption.h"
#include "core/torch.h"
#include "image/pixels.h"

namespace forger {
namespace {

/// Keeps what is told of one image.
class KeptDetection : public Inspector::Reporter {
 public:
  KeptDetection(Detection& kept, int64_t width) : kept_(kept), width_(width) {}
  void row(const uint8_t*, const float* map) override {
    std::copy_n(map, width_, kept_.maps.mutable_data_ptr<float>() + width_ * row_++);
  }
  void done(double score, double p_normal) override {
    kept_.scores.fill_(score);
    kept_.p_normal.fill_(p_normal);
  }

 private:
  Detection& kept_;
  int64_t width_, row_ = 0;
};

}  // namespace

Detection Model::detect(const at::Tensor& images, const DetectOptions& options) const {
  const auto& model = *implementation_;
  const auto& detector = model.need_detector("detect");
  if (options.precision != "auto" && options.precision != "float32") {
    fail("option precision: received \"{}\", accepted: auto, float32", options.precision);
  }
  model.expect_images("detect", images);
  std::vector<at::Tensor> scores, maps;
  for (const auto& part : images.split(images_at_once(model.file.shape))) {
    go_on_unless_interrupted();
    auto found = detector.detect(part.to(at::kFloat).cpu(), options.precision == "float32");
    scores.push_back(std::move(found.scores));
    maps.push_back(std::move(found.maps));
  }
  Detection detection{at::cat(scores), {}, at::cat(maps)};
  detection.p_normal = at::empty_like(detection.scores);
  for (int64_t i = 0; i < detection.scores.size(0); ++i) {
    detection.p_normal[i].fill_(p_normal(detection.scores[i].item<double>()));
  }
  return detection;
}

double Model::score_threshold(double false_alarms) const {
  return implementation_->need_detector("detect").scores().threshold(false_alarms);
}

double Model::p_normal(double score) const { return implementation_->need_detector("detect").scores().p_normal(score); }

double Model::score_of_tiles(double highest, int64_t tiles) const {
  return implementation_->need_detector("detect").scores().highest_of(tiles, highest);
}

double Model::map_threshold(double false_alarms) const {
  return implementation_->need_detector("detect").peaks().threshold(false_alarms);
}

Detection Model::detect_in(const at::Tensor& pixels, const DetectOptions& options) const {
  const auto& info = implementation_->info;
  implementation_->need_detector("detect_in");
  if (pixels.dim() != 3 || pixels.scalar_type() != at::kByte || pixels.size(1) < info.height_px ||
      pixels.size(2) < info.width_px) {
    fail("detect_in: received {} [{}], accepted: one uint8 image [channels, {} or more, {} or more]",
         c10::toString(pixels.scalar_type()), fmt::join(pixels.sizes(), ", "), info.height_px, info.width_px);
  }
  const int64_t height = pixels.size(1), width = pixels.size(2);
  Detection found{at::zeros({1}, at::kDouble), at::zeros({1}, at::kDouble), at::zeros({1, 1, height, width})};
  Inspector inspector(*this, options);
  inspector.add(*rows_of(to_pixels(pixels), "the image"), std::make_unique<KeptDetection>(found, width));
  inspector.finish();
  return found;
}

}  // namespace forger
