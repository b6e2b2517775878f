#include <fmt/ranges.h>

#include <algorithm>
#include <tuple>

#include "api/images_at_once.h"
#include "api/model_parts.h"
#include "core/fail.h"
#include "core/interruption.h"
#include "core/random.h"
#include "core/torch.h"
#include "games/latent.h"
#include "image/grid.h"

namespace forger {
namespace {

constexpr int64_t kInterpolationSteps = 8;

}  // namespace

at::Tensor Model::generate(const at::Tensor& latent, const at::Tensor& labels, bool raw) const {
  const auto& model = *implementation_;
  const auto& [info, file] = std::tie(model.info, model.file);
  LatentGenerator& network = model.need_generator("generate", raw);
  if (latent.dim() != 2 || latent.size(1) != info.latent_size) {
    fail("generate: received latents of {} dimensions and last size {}, accepted: [N, {}]", latent.dim(),
         latent.dim() > 0 ? latent.size(-1) : 0, info.latent_size);
  }
  if (file.classes() > 0 && (!labels.defined() || labels.size(0) != latent.size(0))) {
    fail("generate: the model is class-conditional; it needs one label for each of the {} latents", latent.size(0));
  }
  torch::NoGradGuard no_grad;
  const int64_t count = latent.size(0);
  at::Tensor images = at::empty({count, info.channels, info.height_px, info.width_px}, at::kFloat);
  const int64_t at_once = images_at_once(file.shape);
  for (int64_t first = 0; first < count; first += at_once) {
    go_on_unless_interrupted();
    const int64_t size = std::min(at_once, count - first);
    const auto part = labels.defined() ? labels.narrow(0, first, size).to(model.device) : at::Tensor();
    images.narrow(0, first, size).copy_(network.forward(latent.narrow(0, first, size).to(model.device), part));
  }
  return images;
}

Latents Model::draw_latents(int64_t count, const SampleOptions& options) const {
  const auto& model = *implementation_;
  const auto& file = model.file;
  model.need_generator("sample");
  const int64_t first = options.first;
  if (count < 0) fail("sample: received count {}, accepted: 0 or more", count);
  if (first < 0) fail("sample: received first {}, accepted: 0 or more", first);
  if (options.class_number >= file.classes() || options.class_number < -1) {
    fail("sample: received class {}, accepted: {}", options.class_number,
         file.classes() == 0 ? "none, the model knows no classes" : fmt::format("0 to {}", file.classes() - 1));
  }
  const auto draw = [&](int64_t from, int64_t latents) {
    const ItemRandom random(derive_seed(options.seed, Stream::sample), {from, latents, from + latents});
    return draw_latent(model.latents, latents, random, options.truncation);
  };
  Latents drawn;
  if (options.interpolate) {
    const int64_t anchor = first / kInterpolationSteps,
                  last = (first + count + kInterpolationSteps - 1) / kInterpolationSteps;
    drawn.latents = interpolate_latents(model.latents, draw(anchor, last + 1 - anchor), kInterpolationSteps)
                        .narrow(0, first - anchor * kInterpolationSteps, count);
  } else {
    drawn.latents = draw(first, count);
  }
  if (file.classes() > 0) {
    drawn.labels = options.class_number >= 0 ? at::full({count}, options.class_number, at::kLong)
                                             : at::arange(first, first + count, at::kLong) % file.classes();
  }
  return drawn;
}

at::Tensor Model::walk(const at::Tensor& latents, int64_t steps) const {
  const auto& model = *implementation_;
  model.need_generator("walk");
  if (latents.dim() != 2 || latents.size(0) < 2 || latents.size(1) != model.info.latent_size || steps < 1) {
    fail("walk: received latents [{}] and {} steps, accepted: [N, {}], N 2 or more, and 1 or more steps",
         fmt::join(latents.sizes(), ", "), steps, model.info.latent_size);
  }
  return at::cat({interpolate_latents(model.latents, latents, steps), latents.narrow(0, latents.size(0) - 1, 1)});
}

at::Tensor Model::sample(int64_t count, const SampleOptions& options) const {
  // Whole batches only: a network rounds otherwise for batches of another size, and a sample must not tell how many
  // were asked for.
  const int64_t at_once = images_at_once(implementation_->file.shape), first = options.first;
  if (count < 0 || first < 0) return draw_latents(count, options).latents;  // which refuses it
  SampleOptions whole = options;
  whole.first = first / at_once * at_once;
  const int64_t end = (first + count + at_once - 1) / at_once * at_once;
  const auto drawn = draw_latents(end - whole.first, whole);
  return generate(drawn.latents, drawn.labels, options.raw).narrow(0, first - whole.first, count);
}

at::Tensor Model::sample_pixels(int64_t count, const SampleOptions& options) const {
  if (implementation_->info.height_px == 1) fail("sample: this model makes points, which have no pixels");
  return to_bytes(sample(count, options));
}

}  // namespace forger
