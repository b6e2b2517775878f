#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "commands/commands.h"
#include "commands/output.h"
#include "core/fail.h"
#include "core/json.h"
#include "core/text.h"
#include "core/utf8.h"
#include "data/describe.h"
#include "forger/model.h"
#include "run/journal.h"
#include "run/run_folder.h"

namespace forger::commands {
namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

/// A side in pixels, or that it may have any.
ordered_json side_or_any(int64_t side) { return side > 0 ? ordered_json(side) : ordered_json("any"); }

void add_provenance(ordered_json& json, const ModelInfo& info) {
  for (const auto& [key, value] : info.provenance) json["provenance"][key] = value;
}

/// Of a model that makes images of images.
ordered_json image_model_info(const ModelInfo& info) {
  ordered_json json{
      {"kind", "model"},
      {"game", info.game},
      {"network", info.architecture},
      {"scale", info.scale},
      {"source", {{"channels", info.source_channels}}},
      {"image",
       {{"height", side_or_any(info.height_px)}, {"width", side_or_any(info.width_px)}, {"channels", info.channels}}},
      {"levels", info.levels},
      {"weights", info.weights}};
  if (info.source_kinds > 0) json["source"]["kinds"] = info.source_kinds;
  if (info.has_translator) json["directions"] = info.directions;
  add_provenance(json, info);
  return json;
}

ordered_json model_info(const fs::path& path) {
  const ModelInfo info = Model::load(path, "cpu").info();
  if (info.has_upscaler || info.has_translator) return image_model_info(info);
  ordered_json json{{"kind", "model"},
                    {"game", info.game},
                    {"image", {{"height", info.height_px}, {"width", info.width_px}, {"channels", info.channels}}},
                    {"levels", info.levels},
                    {"latent_size", info.latent_size},
                    {"weights", info.weights},
                    {"averaged", info.has_raw},
                    {"encoder", info.has_encoder},
                    {"detector", info.has_detector}};
  if (!info.class_names.empty()) json["classes"] = info.class_names;
  add_provenance(json, info);
  return json;
}

ordered_json run_info(const fs::path& path) {
  const auto run = RunFolder::open(path);
  const Config config = Config::from_file(run.config());
  ordered_json json{
      {"kind", "run"},
      {"recipe", config.recipe},
      {"data", config.data.source},
      {"image",
       {{"height", config.data.size.at(0)}, {"width", config.data.size.at(1)}, {"channels", config.data.channels}}},
      {"levels", config.data.levels}};
  if (const auto line = last_line(run.steps())) json["last_step"] = ordered_json::parse(*line);
  if (const auto line = last_line(run.verdicts())) json["verdict"] = ordered_json::parse(*line);
  json["model"] = fs::exists(run.model()) ? run.model().string() : "none yet";
  return json;
}

ordered_json data_info(const std::string& source) {
  DataOptions options;
  options.source = source;
  const DataDescription data = describe_data(options);
  ordered_json json{
      {"kind", "data"},
      {"layout", data.kind},
      {"images", data.count},
      {"image", {{"height", data.shape.height}, {"width", data.shape.width}, {"channels", data.shape.channels}}}};
  if (!data.class_names.empty()) json["classes"] = data.class_names;
  for (const auto& note : data.conversion) json["conversion"][note.subject] = note.text;
  if (!data.incomplete.empty()) json["incomplete"] = data.incomplete;
  if (!data.notices.empty()) json["notices"] = data.notices;
  return json;
}

std::string text_of(const ordered_json& value) {
  return value.is_string() ? printable(value.get<std::string>()) : json_text(value);
}

void print_lines(const ordered_json& json, const std::string& indent = "") {
  for (const auto& [key, value] : json.items()) {
    if (value.is_object()) {
      print("{}{}\n", indent, printable(key));
      print_lines(value, indent + "  ");
    } else {
      print("{}{:<{}} {}\n", indent, printable(key), 22 - indent.size(), text_of(value));
    }
  }
}

/// Whether it is called as model files, other programs' weights and exported models are.
bool is_model_name(const fs::path& path) {
  const auto kind = path.extension();
  return kind == ".safetensors" || kind == ".pth" || kind == ".pt" || kind == ".onnx";
}

ordered_json info_of(const std::string& subject) {
  const fs::path path = subject;
  if (RunFolder::is_run(path)) return run_info(path);
  if (is_model_name(path)) return model_info(path);
  return data_info(subject);
}

}  // namespace

void add_info(Program& program) {
  struct Arguments {
    std::string subject;
    bool json = false;
  };
  auto arguments = std::make_shared<Arguments>();
  auto* command = program.app.add_subcommand("info", "Say what a model file, a run folder or a data set holds");
  command
      ->add_option("SUBJECT", arguments->subject, "Model file, weights of another program (.pth), run folder or DATA")
      ->required();
  command->add_flag("--json", arguments->json, "Print JSON");
  command->callback([arguments] {
    const auto json = info_of(arguments->subject);
    if (arguments->json) {
      print("{}\n", json_text(json, 2));
    } else {
      print_lines(json);
    }
  });
}

}  // namespace forger::commands
