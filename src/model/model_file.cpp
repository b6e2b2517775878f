#include "model/model_file.h"

#include <algorithm>

#include "config/game_table.h"
#include "core/fail.h"
#include "core/json.h"
#include "core/torch.h"
#include "model/first_version.h"
#include "model/old_names.h"

namespace forger {
namespace {

using nlohmann::ordered_json;
constexpr int kVersion = 2;

/// What a model says of itself beside its parts, once for both ways.
template <class Model, class Visit>
void for_each_field(Model& model, Visit&& visit) {
  visit("image_channels", model.shape.channels);
  visit("image_height_px", model.shape.height);
  visit("image_width_px", model.shape.width);
  visit("source_channels", model.source_shape.channels);
  visit("source_height_px", model.source_shape.height);
  visit("source_width_px", model.source_shape.width);
  visit("class_names", model.class_names);
}

/// What older versions do not write.
template <class Model, class Visit>
void for_each_later_field(Model& model, Visit&& visit) {
  visit("source_kinds", model.source_kinds);
}

/// Sizes beyond these are not ours: they would only exhaust the memory.
void check_shape(const ImageShape& shape, int64_t least_channels, int64_t least_px, const std::string& what) {
  const auto in = [&](const char* name, int64_t value, int64_t least, int64_t most) {
    if (value < least || value > most) {
      fail("{}_{}: received {}, accepted: {} to {}", what, name, value, least, most);
    }
  };
  in("channels", shape.channels, least_channels, 4);
  in("height_px", shape.height, least_px, 4096);
  in("width_px", shape.width, least_px, 4096);
}

ordered_json to_json(const std::vector<ModelPart>& parts) {
  ordered_json list = ordered_json::array();
  for (const auto& part : parts) {
    list.push_back({{"role", part.role}, {"kind", part.kind}, {"options", part.options}});
  }
  return list;
}

std::vector<ModelPart> parts_from(const ordered_json& list) {
  std::vector<ModelPart> parts;
  for (const auto& item : list) parts.push_back({item.at("role"), item.at("kind"), item.at("options")});
  return parts;
}

void read_description(TensorFile& file, ModelFile& model) {
  if (file.metadata["version"] == "1") {
    read_first_version(file, model);
  } else {
    model.game = file.metadata["game"];
    const auto description = ordered_json::parse(file.metadata["description"]);
    for_each_field(model, FieldReader{description});
    for_each_later_field(model, FieldReader{description, /*may_miss=*/true});
    model.parts = parts_from(ordered_json::parse(file.metadata["parts"]));
  }
  ordered_json::parse(file.metadata["provenance"]).get_to(model.provenance);
}

void check_description(const ModelFile& model) {
  game_named(model.game);
  // Networks from images to images take them of any size, which 0 stands for.
  const auto* generator = model.part("generator");
  const bool any_size = generator && (generator->kind == "upscaler" || generator->kind == "translator");
  check_shape(model.shape, 1, any_size ? 0 : 1, "image");
  check_shape(model.source_shape, any_size ? 1 : 0, 0, "source");
  if (const int64_t kinds = model.source_kinds;
      kinds < 0 || kinds > 256 || (kinds > 0 && model.source_shape.channels != 1)) {
    fail("source_kinds: received {} with source_channels {}, accepted: 0, or 1 to 256 with 1", kinds,
         model.source_shape.channels);
  }
  for (const auto& part : model.parts) config_of(part);
}

}  // namespace

const ModelPart* ModelFile::part(const std::string& role) const {
  const auto found = std::find_if(parts.begin(), parts.end(), [&](const ModelPart& part) { return part.role == role; });
  return found == parts.end() ? nullptr : &*found;
}

void write_model(const std::filesystem::path& path, const ModelFile& model) {
  TensorFile file;
  file.tensors = model.tensors;
  file.metadata["format"] = "forger-model";
  file.metadata["version"] = std::to_string(kVersion);
  file.metadata["game"] = model.game;
  file.metadata["parts"] = to_json(model.parts).dump();
  ordered_json description;
  for_each_field(model, FieldWriter{description});
  for_each_later_field(model, FieldWriter{description});
  file.metadata["description"] = description.dump();
  file.metadata["levels"] = levels_text(model.levels);
  file.metadata["provenance"] = ordered_json(model.provenance).dump();
  write_safetensors(path, file);
}

ModelFile read_model(const std::filesystem::path& path) { return model_in(read_safetensors(path), path.string()); }

ModelFile model_in(TensorFile file, const std::string& name) {
  if (file.metadata["format"] != "forger-model") {
    fail("{}: received format \"{}\", accepted: forger-model (a model.safetensors that Forger wrote)", name,
         file.metadata["format"]);
  }
  if (const auto& version = file.metadata["version"]; version != "1" && version != std::to_string(kVersion)) {
    fail("{}: received model version \"{}\", accepted: 1 to {}; a newer Forger wrote it", name, version, kVersion);
  }
  ModelFile model;
  try {
    read_description(file, model);
    check_description(model);
  } catch (const nlohmann::json::exception& error) {
    fail("{}: the model's description is damaged: {}", name, error.what());
  } catch (const Error& error) {
    fail("{}: {}", name, error.what());
  }
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
