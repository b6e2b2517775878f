#include "forger/model.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

#include "api/images_at_once.h"
#include "core/device.h"
#include "core/fail.h"
#include "core/random.h"
#include "core/torch.h"
#include "games/latent.h"
#include "image/grid.h"
#include "model/load_weights.h"
#include "networks/catalog.h"
#include "run/run_folder.h"
#include "tasks/blend.h"
#include "tasks/detector.h"
#include "tasks/invert.h"

namespace forger {
namespace {

constexpr int64_t kInterpolationSteps = 8;
/// Where part of an image is unknown, what is usual counts for more: the latent that fits the known part to the last
/// detail guesses worse at the rest than one that is likely as well.
constexpr double kPriorOfHoles = 1e-2;

std::shared_ptr<LatentGenerator> load_generator(const ModelFile& file, const std::string& prefix,
                                                const std::string& source, c10::Device device) {
  return loaded(make_generator(file.generator, file.shape, file.classes(), make_random(0)), file, prefix, source,
                device);
}

std::shared_ptr<Encoder> load_encoder(const ModelFile& file, const std::string& source, c10::Device device) {
  if (!file.encoder) return nullptr;
  const auto code = code_shape(file.generator, file.shape, file.encoder->codes);
  return loaded(make_encoder(file.encoder->options, file.shape, code, make_random(0)), file, "encoder", source, device);
}

std::shared_ptr<const Detector> load_detector(const ModelFile& file, const std::string& source, c10::Device device) {
  if (!file.detector) return nullptr;
  const auto networks = load_detector_networks(file, source, device);
  const std::string prefix = "detector.";
  std::map<std::string, at::Tensor> state;
  for (const auto& [name, tensor] : file.tensors) {
    if (name.starts_with(prefix)) state[name.substr(prefix.size())] = tensor;
  }
  try {
    return std::make_shared<Detector>(networks, file.shape, device, state);
  } catch (const Error& error) {
    fail("{}: {}", source, error.what());
  }
}

/// A search asks for the gradient of latents, not of weights.
void freeze(torch::nn::Module& network) {
  for (auto& weight : network.parameters()) weight.set_requires_grad(false);
}

std::filesystem::path model_file_of(const std::filesystem::path& path) {
  if (!std::filesystem::is_directory(path)) return path;
  const auto run = RunFolder::open(path);
  if (!std::filesystem::exists(run.model())) fail("{}: the run has no model yet", path.string());
  return run.model();
}

}  // namespace

struct Model::Implementation {
  ModelInfo info;
  ModelFile file;
  c10::Device device = c10::kCPU;
  std::shared_ptr<LatentGenerator> generator;
  std::shared_ptr<LatentGenerator> raw_generator;
  std::shared_ptr<Encoder> encoder;          // null: none
  std::shared_ptr<const Detector> detector;  // null: none

  const Detector& need_detector(const char* what) const {
    if (detector) return *detector;
    fail(
        "{}: this {} model cannot tell normal images from others; it can: sample, reconstruct, restore. Accepted: a "
        "model "
        "trained with --recipe detect",
        what, info.task);
  }

  void expect_images(const char* what, const at::Tensor& images) const {
    if (images.dim() == 4 && images.size(1) == info.channels && images.size(2) == info.height_px &&
        images.size(3) == info.width_px) {
      return;
    }
    fail("{}: received images of [{}], accepted: [N, {}, {}, {}]", what, fmt::join(images.sizes(), ", "), info.channels,
         info.height_px, info.width_px);
  }

  /// Latents for images of which `known` `[N, 1, H, W]` is 1 where something is known.
  Inversion search(const at::Tensor& images, const at::Tensor& known, InversionOptions how,
                   const ReconstructOptions& options) const;
};

Model Model::load(const std::filesystem::path& path, const std::string& device) {
  auto model = std::make_shared<Implementation>();
  const auto source = model_file_of(path);
  model->device = choose_device(device);
  model->file = read_model(source);
  auto& [info, file, where, generator, raw_generator, encoder, detector] = *model;
  generator = load_generator(file, "generator", source.string(), where);
  const bool has_raw = std::any_of(file.tensors.begin(), file.tensors.end(),
                                   [](const auto& item) { return item.first.starts_with("raw_generator."); });
  if (has_raw) raw_generator = load_generator(file, "raw_generator", source.string(), where);
  encoder = load_encoder(file, source.string(), where);
  detector = load_detector(file, source.string(), where);
  freeze(*generator);
  file.tensors.clear();

  info.task = file.task;
  info.has_encoder = encoder != nullptr;
  info.has_detector = detector != nullptr;
  info.height_px = file.shape.height;
  info.width_px = file.shape.width;
  info.channels = file.shape.channels;
  if (file.levels != Levels{}) info.levels = levels_text(file.levels);
  info.latent_size = file.generator.latent_size;
  info.class_names = file.class_names;
  for (const auto& weight : generator->parameters()) info.weights += weight.numel();
  info.has_raw = has_raw;
  info.provenance = file.provenance;
  return Model(std::move(model));
}

const ModelInfo& Model::info() const { return implementation_->info; }

at::Tensor Model::generate(const at::Tensor& latent, const at::Tensor& labels, bool raw) const {
  const auto& [info, file, device, generator, raw_generator, encoder, detector] = *implementation_;
  if (latent.dim() != 2 || latent.size(1) != info.latent_size) {
    fail("generate: received latents of {} dimensions and last size {}, accepted: [N, {}]", latent.dim(),
         latent.dim() > 0 ? latent.size(-1) : 0, info.latent_size);
  }
  if (file.classes() > 0 && (!labels.defined() || labels.size(0) != latent.size(0))) {
    fail("generate: the model is class-conditional; it needs one label for each of the {} latents", latent.size(0));
  }
  torch::NoGradGuard no_grad;
  LatentGenerator& network = raw && raw_generator ? *raw_generator : *generator;
  const int64_t count = latent.size(0);
  at::Tensor images = at::empty({count, info.channels, info.height_px, info.width_px}, at::kFloat);
  const int64_t at_once = images_at_once(file.shape);
  for (int64_t first = 0; first < count; first += at_once) {
    const int64_t size = std::min(at_once, count - first);
    const auto part = labels.defined() ? labels.narrow(0, first, size).to(device) : at::Tensor();
    images.narrow(0, first, size).copy_(network.forward(latent.narrow(0, first, size).to(device), part));
  }
  return images;
}

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
    parts.push_back(model.encoder->forward(part.to(model.device)).narrow(1, 0, model.info.latent_size).cpu());
  }
  return at::cat(parts);
}

Inversion Model::Implementation::search(const at::Tensor& images, const at::Tensor& known, InversionOptions how,
                                        const ReconstructOptions& options) const {
  const Draw draw = [&](const at::Tensor& latents, const at::Tensor& labels) {
    return generator->forward(latents, labels);
  };
  how.steps = options.steps;
  how.latent = file.generator.latent;
  // The same starts for every image, so that no image's result hangs on the others.
  const ItemRandom random(derive_seed(options.seed, Stream::inversion));
  const int64_t starts = std::max<int64_t>(options.starts, 1);
  const auto drawn = draw_latent(file.generator, starts, random).to(device);
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
      from.select(1, 0).copy_(encoder->forward(shown).narrow(1, 0, info.latent_size));
    }
    const auto part_labels =
        classes > 0 ? (at::arange(starts, from.options().dtype(at::kLong)) % classes).repeat({count, 1}) : at::Tensor();
    const auto found = invert(draw, part, part_known, from, part_labels, how);
    latents.push_back(found.latents.cpu());
    errors.push_back(found.errors.cpu());
    if (classes > 0) labels.push_back(found.labels.cpu());
  }
  return {at::cat(latents), classes > 0 ? at::cat(labels) : at::Tensor(), at::cat(errors)};
}

Reconstruction Model::reconstruct(const at::Tensor& images, const ReconstructOptions& options) const {
  const auto& model = *implementation_;
  model.expect_images("reconstruct", images);
  Reconstruction made;
  if (model.encoder && !options.search) {
    made.latents = encode(images);
  } else {
    auto found = model.search(images, at::ones({images.size(0), 1, images.size(2), images.size(3)}), {}, options);
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
  const auto found = model.search(images, 1 - holes, how, options);
  return fill_holes(images, generate(found.latents, found.labels), holes);
}

Detection Model::detect(const at::Tensor& images) const {
  const auto& model = *implementation_;
  const auto& detector = model.need_detector("detect");
  model.expect_images("detect", images);
  std::vector<at::Tensor> scores, maps;
  for (const auto& part : images.split(images_at_once(model.file.shape))) {
    auto found = detector.detect(part.to(at::kFloat).cpu());
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

at::Tensor Model::sample(int64_t count, const SampleOptions& options) const {
  const auto& file = implementation_->file;
  if (count < 0) fail("sample: received count {}, accepted: 0 or more", count);
  if (options.class_number >= file.classes() || options.class_number < -1) {
    fail("sample: received class {}, accepted: {}", options.class_number,
         file.classes() == 0 ? "none, the model knows no classes" : fmt::format("0 to {}", file.classes() - 1));
  }
  const ItemRandom random(derive_seed(options.seed, Stream::sample));
  // Whole batches only: a network rounds otherwise for batches of another size, and a sample must not tell how many
  // were asked for.
  const int64_t at_once = images_at_once(file.shape), whole = (count + at_once - 1) / at_once * at_once;
  const auto draw = [&](int64_t latents) { return draw_latent(file.generator, latents, random, options.truncation); };
  const auto latent =
      options.interpolate
          ? interpolate_latents(file.generator, draw((whole + kInterpolationSteps - 1) / kInterpolationSteps + 1),
                                kInterpolationSteps)
                .narrow(0, 0, whole)
          : draw(whole);
  at::Tensor labels;
  if (file.classes() > 0) {
    labels = options.class_number >= 0 ? at::full({whole}, options.class_number, at::kLong)
                                       : at::arange(whole, at::kLong) % file.classes();
  }
  return generate(latent, labels, options.raw).narrow(0, 0, count);
}

at::Tensor Model::sample_pixels(int64_t count, const SampleOptions& options) const {
  if (implementation_->info.height_px == 1) fail("sample: this model makes points, which have no pixels");
  return to_bytes(sample(count, options));
}

}  // namespace forger
