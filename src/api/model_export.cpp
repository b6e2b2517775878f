#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "api/model_parts.h"
#include "api/onnx_networks.h"
#include "api/onnx_pictures.h"
#include "build_constants.h"
#include "core/fail.h"
#include "core/text.h"
#include "core/torch.h"
#include "networks/evaluation_mode.h"
#include "onnx/onnx_file.h"
#include "onnx/operations.h"
#include "onnx/script_code.h"
#include "onnx/script_file.h"

namespace forger {
namespace {

/// The parts that can be written, the one that the model is for first.
std::vector<std::string> parts_to_export(const Model::Implementation& model) {
  std::vector<std::string> parts;
  if (model.detector) parts.emplace_back("detector");
  if (model.upscaler) parts.emplace_back("upscaler");
  if (model.translator) parts.insert(parts.end(), model.info.directions.begin(), model.info.directions.end());
  if (model.generator) parts.emplace_back("generator");
  if (model.encoder) parts.emplace_back("encoder");
  return parts;
}

std::string chosen_part(const Model::Implementation& model, const std::string& wanted) {
  const auto parts = parts_to_export(model);
  if (wanted.empty()) return parts.front();
  if (std::ranges::find(parts, wanted) != parts.end()) return wanted;
  fail("option part: received \"{}\", which this {} model does not have; accepted: {}", wanted, model.info.game,
       join(parts));
}

/// Of the images that go in: the model's or those asked for, named where they may be any.
OnnxPictures::Sides sides_in(const Model::Implementation& model, bool takes_any, const ExportOptions& options) {
  const int64_t height = options.height_px, width = options.width_px;
  if (takes_any) {
    return {.height = height > 0 ? OnnxSide(height) : OnnxSide("height"),
            .width = width > 0 ? OnnxSide(width) : OnnxSide("width")};
  }
  const auto& shape = model.file.shape;
  if ((height > 0 && height != shape.height) || (width > 0 && width != shape.width)) {
    fail("option size: received {}x{}, accepted: {}x{}, as this model takes and makes no other images", width, height,
         shape.width, shape.height);
  }
  return {.height = shape.height, .width = shape.width};
}

/// Latents as `draw_latent` would bring them within `truncation`, but for what it would draw again: that is cut off.
OnnxValue truncated(OnnxGraph& graph, const OnnxValue& latent, bool is_uniform) {
  const auto limit = graph.input({.name = "truncation", .type = OnnxType::float32, .sides = {}});
  const auto float_number = [&](float value) { return graph.constant_as_it_is(at::scalar_tensor(value, at::kFloat)); };
  const auto is_asked = graph.node("Greater", {limit, float_number(0)});
  if (is_uniform) {
    const auto share = graph.node("Min", {limit, float_number(1)});
    return onnx::times(graph, latent, graph.node("Where", {is_asked, share, float_number(1)}));
  }
  const auto least = graph.node("Neg", {limit});
  const auto within = graph.node("Max", {graph.node("Min", {latent, limit}), least});
  return graph.node("Where", {is_asked, within, latent});
}

void add_generator(OnnxGraph& graph, const Model::Implementation& model, const ExportOptions& options) {
  auto& network = *model.generator;
  const EvaluationMode evaluating(network);
  graph.name_parts(network);
  auto latent = graph.input(
      {.name = "latent", .type = OnnxType::float32, .sides = {OnnxPictures::kBatch, model.info.latent_size}});
  OnnxValue labels;
  if (model.file.classes() > 0) {
    labels = graph.input({.name = "class", .type = OnnxType::int64, .sides = {OnnxPictures::kBatch}});
  }
  if (!options.raw) latent = truncated(graph, latent, model.latents.latent == "uniform");
  if (options.half) latent = onnx::cast(graph, latent, graph.real());
  const auto made = network.to_onnx(graph, latent, labels);
  const auto& shape = model.file.shape;
  if (shape.is_point() && !options.raw) {
    const auto numbers = onnx::cast(graph, onnx::reshape(graph, made, {0, shape.channels}), OnnxType::float32);
    graph.output({.name = "points", .type = OnnxType::float32, .sides = {OnnxPictures::kBatch, shape.channels}},
                 numbers);
    return;
  }
  OnnxPictures(graph, options.raw).give("images", made, shape.channels, sides_in(model, false, options));
}

void add_encoder(OnnxGraph& graph, const Model::Implementation& model, const ExportOptions& options) {
  const EvaluationMode evaluating(*model.encoder);
  graph.name_parts(*model.encoder);
  const auto sides = sides_in(model, false, options);
  const auto images = OnnxPictures(graph, options.raw).take("images", model.file.shape.channels, sides);
  // Variational ones give means first, then log variances.
  const auto code = onnx::slice(graph, model.encoder->to_onnx(graph, images), 1, 0, model.info.latent_size);
  graph.output({.name = "latent", .type = OnnxType::float32, .sides = {OnnxPictures::kBatch, model.info.latent_size}},
               onnx::cast(graph, code, OnnxType::float32));
}

/// An upscaler or a translator, from `channels_in` (`kinds` above 0: of label maps) to `channels_out`.
void add_image_generator(OnnxGraph& graph, const Model::Implementation& model, ImageGenerator& network,
                         const char* output, int64_t channels_in, int64_t kinds, int64_t channels_out,
                         const ExportOptions& options) {
  const EvaluationMode evaluating(network);
  graph.name_parts(network);
  const OnnxPictures pictures(graph, options.raw);
  const auto sides = sides_in(model, true, options);
  const auto images =
      kinds > 0 ? pictures.take_kinds("images", kinds, sides) : pictures.take("images", channels_in, sides);
  pictures.give(output, network.to_onnx(graph, images), channels_out, sides.times(network.rule().scale));
}

void add_detection(OnnxGraph& graph, const Model::Implementation& model, const ExportOptions& options) {
  if (options.half) fail("option half: received true for the part detector, accepted: for the others");
  const auto& shape = model.file.shape;
  const auto sides = sides_in(model, false, options);
  const auto found =
      model.detector->detect(graph, OnnxPictures(graph, options.raw).take("images", shape.channels, sides));
  const auto numbers = [&](const char* name, const OnnxValue& value) {
    graph.output({.name = name, .type = OnnxType::float32, .sides = {OnnxPictures::kBatch}}, value);
  };
  numbers("score", found.scores);
  numbers("p_normal", found.p_normal);
  graph.output({.name = "map", .type = OnnxType::float32, .sides = {OnnxPictures::kBatch, sides.height, sides.width}},
               onnx::squeeze(graph, found.maps, {1}));
}

void add_part(OnnxGraph& graph, const Model::Implementation& model, const std::string& part,
              const ExportOptions& options) {
  const auto &shape = model.file.shape, &source = model.file.source_shape;
  if (part == "generator") return add_generator(graph, model, options);
  if (part == "encoder") return add_encoder(graph, model, options);
  if (part == "detector") return add_detection(graph, model, options);
  if (part == "upscaler") {
    return add_image_generator(graph, model, *model.upscaler, "upscaled", source.channels, 0, shape.channels, options);
  }
  if (model.is_back(part)) {
    return add_image_generator(graph, model, *model.translator_back, "translated", shape.channels, 0, source.channels,
                               options);
  }
  add_image_generator(graph, model, *model.translator, "translated", source.channels, model.file.source_kinds,
                      shape.channels, options);
}

/// The part, where it makes images of images, else null.
const ImageGenerator* image_generator(const Model::Implementation& model, const std::string& part) {
  if (part == "upscaler") return model.upscaler.get();
  if (part != "a2b" && part != "b2a") return nullptr;
  return model.is_back(part) ? model.translator_back.get() : model.translator.get();
}

/// Each number as short as it can be and is read again as the same.
std::string calibration_text(const Calibration& calibration) {
  const auto& scores = calibration.scores();
  const auto* first = scores.const_data_ptr<float>();
  return fmt::format("[{}]", fmt::join(first, first + scores.numel(), ","));
}

void add_calibration(std::map<std::string, std::string>& metadata, const AnomalyDetector& detector) {
  constexpr double kUsualFalseAlarms = 0.01;
  metadata["score_threshold"] = fmt::format("{}", detector.scores().threshold(kUsualFalseAlarms));
  metadata["map_threshold"] = fmt::format("{}", detector.peaks().threshold(kUsualFalseAlarms));
  metadata[kNormalScores] = calibration_text(detector.scores());
  metadata[kNormalPeaks] = calibration_text(detector.peaks());
}

std::map<std::string, std::string> metadata_of(const Model::Implementation& model, const std::string& part,
                                               const ExportOptions& options) {
  const auto& info = model.info;
  std::map<std::string, std::string> metadata = {{"forger", FORGER_VERSION},
                                                 {"game", info.game},
                                                 {"part", part},
                                                 {"form", options.raw ? "tensors" : "pictures"},
                                                 {"levels", info.levels}};
  if (const auto* network = image_generator(model, part)) {
    const auto rule = network->rule();
    metadata["scale"] = std::to_string(rule.scale);
    metadata["multiple_px"] = std::to_string(rule.multiple_px);
    metadata["halo_px"] = std::to_string(rule.halo_px);
  }
  if (!info.architecture.empty()) metadata["architecture"] = info.architecture;
  if (part != "upscaler" && image_generator(model, part) && !model.is_back(part) && info.source_kinds > 0) {
    metadata["kinds"] = std::to_string(info.source_kinds);
  }
  if (!info.class_names.empty()) metadata["classes"] = nlohmann::json(info.class_names).dump();
  if (model.generator) metadata["latent"] = model.latents.latent;
  if (part == "detector") add_calibration(metadata, *model.detector);
  metadata.insert(info.provenance.begin(), info.provenance.end());
  return metadata;
}

std::string type_name(OnnxType type) {
  if (type == OnnxType::uint8) return "uint8";
  return type == OnnxType::int64 ? "int64" : "float32";
}

std::vector<ExportedTensor> tensors_of(const std::vector<OnnxPort>& ports) {
  std::vector<ExportedTensor> tensors;
  for (const auto& port : ports) {
    ExportedTensor tensor{.name = port.name, .type = type_name(port.type), .sides = {}};
    for (const auto& side : port.sides) {
      const auto* length = std::get_if<int64_t>(&side);
      tensor.sides.push_back(length ? std::to_string(*length) : std::get<std::string>(side));
    }
    tensors.push_back(std::move(tensor));
  }
  return tensors;
}

}  // namespace

Exported Model::export_onnx(const std::filesystem::path& out, const ExportOptions& options) const {
  const at::NoGradGuard no_gradients;
  const auto& model = *implementation_;
  const auto part = chosen_part(model, options.part);
  OnnxGraph graph({.opset = options.opset, .half = options.half});
  add_part(graph, model, part, options);
  const auto sizes = write_onnx(out, graph, part, metadata_of(model, part, options));
  return {.part = part,
          .inputs = tensors_of(graph.inputs()),
          .outputs = tensors_of(graph.outputs()),
          .nodes = static_cast<int64_t>(graph.nodes().size()),
          .file_bytes = sizes.file_bytes,
          .beside_bytes = sizes.beside_bytes,
          .raw = options.raw};
}

Exported Model::export_torchscript(const std::filesystem::path& out, const ExportOptions& options) const {
  const at::NoGradGuard no_gradients;
  const auto& model = *implementation_;
  const auto part = chosen_part(model, options.part);
  // The youngest operators, each of which LibTorch has as it is.
  OnnxGraph graph({.opset = kNewestOpset, .half = options.half});
  add_part(graph, model, part, options);
  const int64_t bytes = write_script(out, graph, part, metadata_of(model, part, options));
  Exported exported{.part = part,
                    .inputs = tensors_of(graph.inputs()),
                    .outputs = tensors_of(graph.outputs()),
                    .nodes = static_cast<int64_t>(graph.nodes().size()),
                    .file_bytes = bytes,
                    .raw = options.raw};
  for (auto& input : exported.inputs) input.name = script_name(input.name);
  return exported;
}

}  // namespace forger
