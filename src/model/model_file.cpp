#include "model/model_file.h"

#include <nlohmann/json.hpp>

#include "core/fail.h"
#include "core/torch.h"

namespace forger {
namespace {

using nlohmann::json;
constexpr int kVersion = 1;

json architecture_json(const ModelFile& model) {
  const auto& generator = model.generator;
  return {{"network", generator.network},
          {"width", generator.width},
          {"max_width", generator.max_width},
          {"depth", generator.depth},
          {"upsampling", generator.upsampling},
          {"normalization", generator.normalization},
          {"latent_size", generator.latent_size},
          {"latent", generator.latent},
          {"image_channels", model.shape.channels},
          {"image_height_px", model.shape.height},
          {"image_width_px", model.shape.width},
          {"class_names", model.class_names}};
}

void read_architecture(const json& text, ModelFile& model) {
  auto& generator = model.generator;
  text.at("network").get_to(generator.network);
  text.at("width").get_to(generator.width);
  text.at("max_width").get_to(generator.max_width);
  text.at("depth").get_to(generator.depth);
  text.at("upsampling").get_to(generator.upsampling);
  text.at("normalization").get_to(generator.normalization);
  text.at("latent_size").get_to(generator.latent_size);
  text.at("latent").get_to(generator.latent);
  text.at("image_channels").get_to(model.shape.channels);
  text.at("image_height_px").get_to(model.shape.height);
  text.at("image_width_px").get_to(model.shape.width);
  text.at("class_names").get_to(model.class_names);
}

/// Sizes beyond these are not ours: they would only exhaust the memory.
void check_architecture(const ModelFile& model, const std::string& path) {
  const auto in = [&](const char* key, int64_t value, int64_t low, int64_t high) {
    if (value < low || value > high) {
      fail("{}: architecture.{}: received {}, accepted: {} to {}", path, key, value, low, high);
    }
  };
  in("width", model.generator.width, 1, 4096);
  in("max_width", model.generator.max_width, 1, 8192);
  in("depth", model.generator.depth, 0, 16);
  in("latent_size", model.generator.latent_size, 1, 65536);
  in("image_channels", model.shape.channels, 1, 4);
  in("image_height_px", model.shape.height, 1, 4096);
  in("image_width_px", model.shape.width, 1, 4096);
}

}  // namespace

void write_model(const std::filesystem::path& path, const ModelFile& model) {
  TensorFile file;
  file.tensors = model.tensors;
  file.metadata["format"] = "forger-model";
  file.metadata["version"] = std::to_string(kVersion);
  file.metadata["task"] = model.task;
  file.metadata["architecture"] = architecture_json(model).dump();
  file.metadata["provenance"] = json(model.provenance).dump();
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
  if (model.task != "generation") fail("{}: received task \"{}\", accepted: generation", name, model.task);
  try {
    read_architecture(json::parse(file.metadata["architecture"]), model);
    json::parse(file.metadata["provenance"]).get_to(model.provenance);
  } catch (const json::exception& error) {
    fail("{}: the model's description is damaged: {}", name, error.what());
  }
  check_architecture(model, name);
  for (const auto& [key, tensor] : file.tensors) {
    if (tensor.is_floating_point() && !at::isfinite(tensor).all().item<bool>()) {
      fail("{}: the tensor {} holds numbers that are not finite", name, key);
    }
  }
  model.tensors = std::move(file.tensors);
  return model;
}

}  // namespace forger
