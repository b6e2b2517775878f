#include "forger/model.h"

#include <algorithm>

#include "api/model_parts.h"
#include "api/onnx_networks.h"
#include "core/device.h"
#include "core/fail.h"
#include "core/torch.h"
#include "model/import_model.h"
#include "run/run_folder.h"

namespace forger {
namespace {

std::filesystem::path model_file_of(const std::filesystem::path& path) {
  if (!std::filesystem::is_directory(path)) return path;
  const auto run = RunFolder::open(path);
  if (!std::filesystem::exists(run.model())) fail("{}: the run has no model yet", path.string());
  return run.model();
}

ModelInfo info_of(const ModelFile& file) {
  ModelInfo info;
  info.game = file.game;
  info.height_px = file.shape.height;
  info.width_px = file.shape.width;
  info.channels = file.shape.channels;
  info.source_channels = file.source_shape.channels;
  info.source_kinds = file.source_kinds;
  if (file.levels != Levels{}) info.levels = levels_text(file.levels);
  info.class_names = file.class_names;
  info.provenance = file.provenance;
  info.has_raw = std::any_of(file.tensors.begin(), file.tensors.end(),
                             [](const auto& item) { return item.first.starts_with("raw_generator."); });
  return info;
}

}  // namespace

Model Model::load(const std::filesystem::path& path, const std::string& device) {
  auto model = std::make_shared<Implementation>();
  const auto file = model_file_of(path);
  const std::string source = file.string();
  model->device = choose_device(device);
  if (file.extension() == ".onnx") {
    load_onnx(*model, file);
    return Model(std::move(model));
  }
  model->file = read_or_import_model(file);
  model->info = info_of(model->file);
  load_parts(*model, source);
  model->file.tensors.clear();
  return Model(std::move(model));
}

void import_weights(const std::filesystem::path& from, const std::filesystem::path& to, const std::string& as) {
  write_model(to, import_model(from, as));
}

const ModelInfo& Model::info() const { return implementation_->info; }

}  // namespace forger
