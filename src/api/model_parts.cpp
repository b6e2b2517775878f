#include "api/model_parts.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <tuple>

#include "api/known_pairs.h"
#include "core/fail.h"
#include "core/plural.h"
#include "core/random.h"
#include "core/text.h"
#include "core/torch.h"
#include "model/load_weights.h"
#include "networks/catalog.h"
#include "networks/describe.h"
#include "tasks/detector.h"

namespace forger {
namespace {

constexpr const char* kBack = "generator-back";

/// What commands a model is for, for people.
std::string abilities(const Model::Implementation& model) {
  std::vector<std::string> can;
  if (model.generator) can.insert(can.end(), {"sample", "reconstruct", "restore"});
  if (model.detector) can.emplace_back("detect");
  if (model.upscaler) can.emplace_back("upscale");
  if (model.translator) can.emplace_back("translate");
  return join(can);
}

std::shared_ptr<LatentGenerator> load_generator(const ModelFile& file, const std::string& prefix,
                                                const std::string& source, c10::Device device) {
  const auto* part = file.part("generator");
  if (!part || part->kind != "latent-generator") return nullptr;
  const auto options = config_of(*part).generator;
  auto generator =
      loaded(make_generator(options, file.shape, file.classes(), make_random(0)), file, prefix, source, device);
  // A search asks for the gradient of latents, not of weights.
  for (auto& weight : generator->parameters()) weight.set_requires_grad(false);
  return generator;
}

std::shared_ptr<ImageGenerator> load_upscaler(const ModelFile& file, const std::string& source, c10::Device device) {
  const auto* part = file.part("generator");
  if (!part || part->kind != "upscaler") return nullptr;
  const auto options = config_of(*part).upscaler;
  const auto network = make_upscaler(options, file.source_shape.channels, file.shape.channels, make_random(0));
  return loaded(network, file, "generator", source, device);
}

std::shared_ptr<ImageGenerator> load_translator(const ModelFile& file, const std::string& role,
                                                const std::string& source, c10::Device device) {
  const auto* part = file.part(role);
  if (!part || part->kind != "translator") return nullptr;
  const auto options = config_of(*part).translator;
  const bool back = role == kBack;
  const auto &from = back ? file.shape : file.source_shape, &to = back ? file.source_shape : file.shape;
  const int64_t seen = file.source_kinds > 0 && !back ? file.source_kinds : from.channels;
  return loaded(make_translator(options, seen, to.channels, make_random(0)), file, role, source, device);
}

/// Of weights of other programs nobody knows it: theirs is the one there is.
std::vector<std::string> directions_of(const Model::Implementation& model) {
  const auto first = known_pairs(model.info).options.direction;
  std::vector<std::string> directions = {first};
  if (model.translator_back) directions.emplace_back(first == "a2b" ? "b2a" : "a2b");
  return directions;
}

/// "unet, width 64, depth 8, batch normalisation by each image, dropout 0.5".
std::string architecture_text(const TranslatorOptions& options) {
  const bool is_unet = options.network == "unet", is_batch = options.normalization == "batch";
  const auto* by = !is_batch ? "" : options.statistics == "image" ? " by each image" : " by the training's averages";
  const auto norm =
      options.normalization == "none" ? "no normalisation" : options.normalization + " normalisation" + by;
  return fmt::format("{}, width {}, {} {}, {}{}", options.network, options.width, is_unet ? "depth" : "blocks",
                     is_unet ? options.depth : options.blocks, norm,
                     options.dropout > 0 ? fmt::format(", dropout {}", options.dropout) : "");
}

/// "rrdbnet, 64 features, 23 blocks".
std::string architecture_text(const UpscalerOptions& options) {
  return fmt::format("{}, {}, {}", options.network, counted(options.features, "feature"),
                     counted(options.blocks, "block"));
}

std::shared_ptr<Encoder> load_encoder(const ModelFile& file, const std::string& source, c10::Device device) {
  const auto *part = file.part("encoder"), *generator = file.part("generator");
  if (!part || !generator) return nullptr;
  const auto config = config_of(*part);
  const auto code = code_shape(config_of(*generator).generator, file.shape, config.autoencoding.codes);
  return loaded(make_encoder(config.encoder, file.shape, code, make_random(0)), file, "encoder", source, device);
}

std::shared_ptr<const Detector> load_detector(const ModelFile& file, const std::string& source, c10::Device device) {
  if (!file.part("detector")) return nullptr;
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

}  // namespace

LatentGenerator& Model::Implementation::need_generator(const char* what, bool raw) const {
  if (raw && raw_generator) return *raw_generator;
  if (generator) return *generator;
  fail("{}: this {} model does not make images from latents; it can: {}", what, info.game, abilities(*this));
}

const AnomalyDetector& Model::Implementation::need_detector(const char* what) const {
  if (detector) return *detector;
  if (file.part("discriminator")) {
    fail(
        "{}: this model's detector is learnt when its training ends, which it has not yet; accepted: the run's model "
        "after its end, or after it is resumed",
        what);
  }
  fail("{}: this {} model cannot tell normal images from others; it can: {}. Accepted: a model of the recipe detect",
       what, info.game, abilities(*this));
}

std::shared_ptr<ImageGenerator> Model::Implementation::need_upscaler(const char* what) const {
  if (upscaler) return upscaler;
  fail("{}: this {} model does not make images larger; it can: {}. Accepted: a model of super-resolution", what,
       info.game, abilities(*this));
}

std::shared_ptr<ImageGenerator> Model::Implementation::need_translator(const char* what,
                                                                       const std::string& direction) const {
  const auto& known = info.directions;
  if (translator && !direction.empty() && std::ranges::find(known, direction) == known.end()) {
    fail("option direction: received {}, accepted: {}, as this {} model translates no other way", direction,
         join(known), info.game);
  }
  if (translator) return is_back(direction) ? translator_back : translator;
  fail("{}: this {} model does not make images of another kind; it can: {}. Accepted: a model of translation", what,
       info.game, abilities(*this));
}

void Model::Implementation::expect_images(const char* what, const at::Tensor& images) const {
  if (!images.is_floating_point()) {
    fail("{}: received images of {}, accepted: floating-point numbers in [-1, 1]", what,
         c10::toString(images.scalar_type()));
  }
  if (images.dim() == 4 && images.size(1) == info.channels && images.size(2) == info.height_px &&
      images.size(3) == info.width_px) {
    return;
  }
  fail("{}: received images of [{}], accepted: [N, {}, {}, {}]", what, fmt::join(images.sizes(), ", "), info.channels,
       info.height_px, info.width_px);
}

void load_parts(Model::Implementation& model, const std::string& source) {
  const auto& [file, device] = std::tie(model.file, model.device);
  auto& info = model.info;
  model.generator = load_generator(file, "generator", source, device);
  if (info.has_raw) model.raw_generator = load_generator(file, "raw_generator", source, device);
  model.encoder = load_encoder(file, source, device);
  model.detector = load_detector(file, source, device);
  model.upscaler = load_upscaler(file, source, device);
  model.translator = load_translator(file, "generator", source, device);
  model.translator_back = load_translator(file, kBack, source, device);
  info.has_encoder = model.encoder != nullptr;
  info.has_detector = model.detector != nullptr;
  info.has_upscaler = model.upscaler != nullptr;
  info.has_translator = model.translator != nullptr;
  if (model.upscaler) {
    info.scale = model.upscaler->rule().scale;
    info.architecture = architecture_text(config_of(*file.part("generator")).upscaler);
    info.weights = count_parameters(*model.upscaler);
  }
  if (model.translator) {
    const auto options = config_of(*file.part("generator")).translator;
    info.scale = model.translator->rule().scale;
    info.architecture = architecture_text(options);
    info.has_variety = options.dropout > 0;
    info.directions = directions_of(model);
    info.weights = count_parameters(*model.translator);
  }
  if (!model.generator) return;
  model.latents = config_of(*file.part("generator")).generator;
  info.latent_size = model.latents.latent_size;
  info.weights = count_parameters(*model.generator);
}

}  // namespace forger
