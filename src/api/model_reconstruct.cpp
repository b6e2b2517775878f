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
#include "tasks/blend.h"
#include "tasks/invert.h"

namespace forger {
namespace {

/// Where part of an image is unknown, what is usual counts for more: the latent that fits the known part to the last
/// detail guesses worse at the rest than one that is likely as well.
constexpr double kPriorOfHoles = 1e-2;

/// Latents for images of which `known` `[N, 1, H, W]` is 1 where something is known.
Inversion search(const Model::Implementation& model, const at::Tensor& images, const at::Tensor& known,
                 InversionOptions how, const ReconstructOptions& options) {
  LatentGenerator& generator = model.need_generator("reconstruct");
  const auto& [file, device, encoder] = std::tie(model.file, model.device, model.encoder);
  const Draw draw = [&](const at::Tensor& latents, const at::Tensor& labels) {
    return generator.forward(latents, labels);
  };
  how.steps = options.search_steps;
  how.latent = model.latents.latent;
  // The same starts for every image, so that no image's result hangs on the others.
  const ItemRandom random(derive_seed(options.seed, Stream::inversion));
  const int64_t starts = std::max<int64_t>(options.starts, 1);
  const auto drawn = draw_latent(model.latents, starts, random).to(device);
  const auto classes = file.classes();
  std::vector<at::Tensor> latents, labels, errors;
  const int64_t at_once = std::max<int64_t>(images_at_once(file.shape) / starts, 1);
  for (int64_t first = 0; first < images.size(0); first += at_once) {
    const int64_t count = std::min(at_once, images.size(0) - first);
    const auto part = images.narrow(0, first, count).to(device), part_known = known.narrow(0, first, count).to(device);
    auto from = drawn.unsqueeze(0).repeat({count, 1, 1});
    if (encoder && options.from_encoder) {
      torch::NoGradGuard no_grad;
      // Holes are shown to the encoder in the mean colour of what is known.
      const auto mean = (part * part_known).sum({2, 3}, true) / part_known.sum({2, 3}, true).clamp_min(1);
      const auto shown = at::where(part_known > 0.5, part, mean);
      from.select(1, 0).copy_(encoder->forward(shown).narrow(1, 0, model.info.latent_size));
    }
    const auto part_labels =
        classes > 0 ? (at::arange(starts, from.options().dtype(at::kLong)) % classes).repeat({count, 1}) : at::Tensor();
    if (options.search_goes_on) {
      how.goes_on = [&](int64_t step) {
        const double share = static_cast<double>(step) / static_cast<double>(how.steps);
        return options.search_goes_on((static_cast<double>(first) + share * static_cast<double>(count)) /
                                      static_cast<double>(images.size(0)));
      };
    }
    const auto found = invert(draw, part, part_known, from, part_labels, how);
    latents.push_back(found.latents.cpu());
    errors.push_back(found.errors.cpu());
    if (classes > 0) labels.push_back(found.labels.cpu());
  }
  return {at::cat(latents), classes > 0 ? at::cat(labels) : at::Tensor(), at::cat(errors)};
}

}  // namespace

at::Tensor Model::encode(const at::Tensor& images) const {
  const auto& model = *implementation_;
  model.expect_images("encode", images);
  if (!model.encoder) {
    fail(
        "encode: this model has no encoder; accepted: a model of the recipes vae, vae-gan, alpha-gan, or reconstruct, "
        "which searches");
  }
  torch::NoGradGuard no_grad;
  std::vector<at::Tensor> parts;
  for (const auto& part : images.split(images_at_once(model.file.shape))) {
    go_on_unless_interrupted();
    parts.push_back(model.encoder->forward(part.to(model.device)).narrow(1, 0, model.info.latent_size).cpu());
  }
  return at::cat(parts);
}

Reconstruction Model::reconstruct(const at::Tensor& images, const ReconstructOptions& options) const {
  const auto& model = *implementation_;
  model.expect_images("reconstruct", images);
  Reconstruction made;
  if (model.encoder && !options.search) {
    made.latents = encode(images);
  } else {
    auto found = search(model, images, at::ones({images.size(0), 1, images.size(2), images.size(3)}), {}, options);
    made.latents = std::move(found.latents);
    made.labels = std::move(found.labels);
  }
  made.images = generate(made.latents, made.labels);
  return made;
}

at::Tensor Model::restore(const at::Tensor& images, const at::Tensor& masks, const ReconstructOptions& options) const {
  const auto& model = *implementation_;
  model.expect_images("restore", images);
  if (masks.dim() != 4 || masks.size(0) != images.size(0) || masks.size(1) != 1 || masks.size(2) != images.size(2) ||
      masks.size(3) != images.size(3)) {
    fail("restore: received masks of [{}], accepted: [{}, 1, {}, {}]", fmt::join(masks.sizes(), ", "), images.size(0),
         images.size(2), images.size(3));
  }
  const auto holes = (masks > 0.5).to(at::kFloat);
  if (!needs_fill(holes)) return interpolate(images, holes);
  InversionOptions how;
  how.prior = kPriorOfHoles;
  const auto found = search(model, images, 1 - holes, how, options);
  return fill_holes(images, generate(found.latents, found.labels), holes);
}

}  // namespace forger
