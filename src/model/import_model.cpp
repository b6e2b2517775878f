#include "model/import_model.h"

#include <utility>

#include "config/architecture.h"
#include "core/crc32c.h"
#include "core/fail.h"
#include "core/files.h"
#include "core/utf8.h"
#include "model/community.h"

namespace forger {
namespace {

ModelFile model_of(CommunityNetwork network) {
  Config config;
  config.upscaler = network.options;
  config.translator = network.translator;
  ModelFile model;
  model.game = network.game;
  model.parts = {{"generator", network.kind, architecture_of(config, section_of(network.kind))}};
  model.shape.channels = network.channels_out;
  model.source_shape.channels = network.channels_in;
  for (auto& [name, tensor] : network.tensors) model.tensors.emplace("generator." + name, std::move(tensor));
  return model;
}

}  // namespace

ModelFile import_model(const std::filesystem::path& path, const std::string& as) {
  const auto weights = read_foreign_weights(path);
  try {
    auto network = recognize_network(weights, as);
    const auto layout = network.layout;
    auto model = model_of(std::move(network));
    model.provenance = {{"imported_from", printable(path.filename().string())},
                        {"imported_crc32c", fmt::format("{:08x}", weights.checksum)},
                        {"imported_format", weights.format},
                        {"imported_layout", layout}};
    if (!weights.wrapper.empty()) model.provenance["imported_key"] = printable(weights.wrapper);
    return model;
  } catch (const Error& error) {
    fail("{}: {}", path.string(), error.what());
  }
}

ModelFile read_or_import_model(const std::filesystem::path& path) {
  if (is_torch_file(path)) return import_model(path);
  auto file = read_safetensors(path);
  const auto format = file.metadata.find("format");
  // Others leave the format out, or say "pt".
  const bool is_ours = format != file.metadata.end() && format->second == "forger-model";
  return is_ours || file.tensors.empty() ? model_in(std::move(file), path.string()) : import_model(path);
}

}  // namespace forger
