#include "model/first_version.h"

#include <initializer_list>

namespace forger {
namespace {

using nlohmann::ordered_json;

/// Those of `from` that are there. Old names, such as "turns", are understood where a part is read
/// (`take_architecture`).
ordered_json picked(const ordered_json& from, std::initializer_list<const char*> keys) {
  ordered_json options = ordered_json::object();
  for (const char* key : keys) {
    if (from.contains(key)) options[key] = from.at(key);
  }
  return options;
}

}  // namespace

void read_first_version(TensorFile& file, ModelFile& model) {
  model.game = file.metadata["task"];
  const auto architecture = ordered_json::parse(file.metadata["architecture"]);
  architecture.at("image_channels").get_to(model.shape.channels);
  architecture.at("image_height_px").get_to(model.shape.height);
  architecture.at("image_width_px").get_to(model.shape.width);
  architecture.at("class_names").get_to(model.class_names);
  model.parts.push_back({"generator", "latent-generator",
                         picked(architecture, {"network", "width", "max_width", "depth", "upsampling", "normalization",
                                               "latent_size", "convolutional_latent", "latent"})});
  if (file.metadata.contains("encoder")) {
    const auto encoder = ordered_json::parse(file.metadata["encoder"]);
    model.parts.push_back(
        {"encoder", "encoder", picked(encoder, {"network", "width", "max_width", "depth", "normalization", "codes"})});
  }
  if (!file.metadata.contains("detector")) return;
  const auto detector = ordered_json::parse(file.metadata["detector"]);
  model.parts.push_back(
      {"discriminator", "discriminator",
       picked(detector, {"network", "width", "max_width", "depth", "normalization", "spectral_norm", "turns"})});
  if (detector.contains("pixel_width") && detector.at("pixel_width") != 0) {
    model.parts.push_back({"pixel_discriminator", "pixel-discriminator", {{"width", detector.at("pixel_width")}}});
  }
  model.parts.push_back({"detector", "detector"});
}

}  // namespace forger
