#include "model/model_file.h"

#include "core/fail.h"
#include "core/json.h"
#include "core/torch.h"
#include "model/old_names.h"

namespace forger {
namespace {

using nlohmann::ordered_json;
constexpr int kVersion = 1;

/// The architecture's fields, once for both ways.
template <class Model, class Visit>
void for_each_field(Model& model, Visit&& visit) {
  auto& generator = model.generator;
  visit("network", generator.network);
  visit("width", generator.width);
  visit("max_width", generator.max_width);
  visit("depth", generator.depth);
  visit("upsampling", generator.upsampling);
  visit("normalization", generator.normalization);
  visit("latent_size", generator.latent_size);
  visit("convolutional_latent", generator.convolutional_latent);
  visit("latent", generator.latent);
  visit("image_channels", model.shape.channels);
  visit("image_height_px", model.shape.height);
  visit("image_width_px", model.shape.width);
  visit("class_names", model.class_names);
}

/// Those that encoder and discriminator have alike.
template <class Options, class Visit>
void for_each_network_field(Options& options, Visit&& visit) {
  visit("network", options.network);
  visit("width", options.width);
  visit("max_width", options.max_width);
  visit("depth", options.depth);
  visit("normalization", options.normalization);
}

/// The encoder's, which stand in a JSON object of their own.
template <class Encoder, class Visit>
void for_each_encoder_field(Encoder& encoder, Visit&& visit) {
  for_each_network_field(encoder.options, visit);
  visit("codes", encoder.codes);
}

/// The detector's.
template <class Detector, class Visit>
void for_each_detector_field(Detector& detector, Visit&& visit) {
  for_each_network_field(detector.discriminator, visit);
  visit("spectral_norm", detector.discriminator.spectral_norm);
  visit("rotations", detector.discriminator.rotations);
  visit("pixel_width", detector.pixel_width);
}

/// Sizes beyond these are not ours: they would only exhaust the memory.
void check_architecture(const ModelFile& model, const std::string& path) {
  const auto in = [&](const std::string& key, int64_t value, int64_t low, int64_t high) {
    if (value < low || value > high) {
      fail("{}: architecture.{}: received {}, accepted: {} to {}", path, key, value, low, high);
    }
  };
  const auto sizes_in = [&](const std::string& prefix, const auto& options) {
    in(prefix + "width", options.width, 1, 4096);
    in(prefix + "max_width", options.max_width, 1, 8192);
    in(prefix + "depth", options.depth, 0, 16);
  };
  sizes_in("", model.generator);
  in("latent_size", model.generator.latent_size, 1, 65536);
  in("image_channels", model.shape.channels, 1, 4);
  in("image_height_px", model.shape.height, 1, 4096);
  in("image_width_px", model.shape.width, 1, 4096);
  if (model.detector) {
    sizes_in("detector.", model.detector->discriminator);
    in("detector.pixel_width", model.detector->pixel_width, 0, 1024);
  }
  if (!model.encoder) return;
  sizes_in("encoder.", model.encoder->options);
  if (model.encoder->codes != "kl" && model.encoder->codes != "adversarial") {
    fail("{}: encoder.codes: received \"{}\", accepted: kl, adversarial", path, model.encoder->codes);
  }
}

}  // namespace

void write_model(const std::filesystem::path& path, const ModelFile& model) {
  TensorFile file;
  file.tensors = model.tensors;
  file.metadata["format"] = "forger-model";
  file.metadata["version"] = std::to_string(kVersion);
  file.metadata["task"] = model.task;
  ordered_json architecture;
  for_each_field(model, FieldWriter{architecture});
  file.metadata["architecture"] = architecture.dump();
  if (model.encoder) {
    ordered_json encoder;
    for_each_encoder_field(*model.encoder, FieldWriter{encoder});
    file.metadata["encoder"] = encoder.dump();
  }
  if (model.detector) {
    ordered_json detector;
    for_each_detector_field(*model.detector, FieldWriter{detector});
    file.metadata["detector"] = detector.dump();
  }
  file.metadata["levels"] = levels_text(model.levels);
  file.metadata["provenance"] = ordered_json(model.provenance).dump();
  write_safetensors(path, file);
}

ModelFile read_model(const std::filesystem::path& path) {
  TensorFile file = read_safetensors(path);
  const std::string name = path.string();
  if (file.metadata["format"] != "forger-model") {
    fail("{}: received format \"{}\", accepted: forger-model (a model.safetensors that Forger wrote)", name,
         file.metadata["format"]);
  }
  if (file.metadata["version"] != std::to_string(kVersion)) {
    fail("{}: received model version \"{}\", accepted: {}; a newer Forger wrote it", name, file.metadata["version"],
         kVersion);
  }
  ModelFile model;
  model.task = file.metadata["task"];
  if (model.task != "generation" && model.task != "autoencoding") {
    fail("{}: received task \"{}\", accepted: generation, autoencoding", name, model.task);
  }
  try {
    auto architecture = ordered_json::parse(file.metadata["architecture"]);
    if (!architecture.contains("convolutional_latent")) architecture["convolutional_latent"] = false;
    for_each_field(model, FieldReader{architecture});
    if (model.task == "autoencoding") {
      const auto encoder = ordered_json::parse(file.metadata["encoder"]);
      for_each_encoder_field(model.encoder.emplace(), FieldReader{encoder});
      if (file.metadata.contains("detector")) {
        auto detector = ordered_json::parse(file.metadata["detector"]);
        if (!detector.contains("pixel_width")) detector["pixel_width"] = 0;
        for_each_detector_field(model.detector.emplace(), FieldReader{detector});
      }
    }
    ordered_json::parse(file.metadata["provenance"]).get_to(model.provenance);
  } catch (const nlohmann::json::exception& error) {
    fail("{}: the model's description is damaged: {}", name, error.what());
  }
  check_architecture(model, name);
  if (file.metadata.contains("levels")) {
    const auto levels = levels_in(file.metadata["levels"]);
    if (!levels) {
      fail("{}: levels: received \"{}\", accepted: [low, high] within 0 to {}", name, file.metadata["levels"],
           Levels::kMost);
    }
    model.levels = *levels;
  }
  for (const auto& [key, tensor] : file.tensors) {
    if (tensor.is_floating_point() && !at::isfinite(tensor).all().item<bool>()) {
      fail("{}: the tensor {} holds numbers that are not finite", name, key);
    }
  }
  model.tensors = with_present_names(std::move(file.tensors));
  return model;
}

}  // namespace forger
