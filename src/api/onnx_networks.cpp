#include "api/onnx_networks.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/fail.h"
#include "core/files.h"
#include "core/torch.h"
#include "image/grid.h"
#include "onnx/onnx_outline.h"
#include "onnx/onnx_runtime.h"

namespace forger {
namespace {

using Tensors = std::map<std::string, at::Tensor>;

/// A network in a file: pictures or tensors go in and come out.
class OnnxNetwork {
 public:
  OnnxNetwork(std::shared_ptr<const OnnxSession> session, bool takes_pictures)
      : session_(std::move(session)), takes_pictures_(takes_pictures) {}

  bool takes_pictures() const { return takes_pictures_; }
  at::Tensor as_given(const at::Tensor& images) const {
    return takes_pictures_ ? to_bytes(images).permute({0, 2, 3, 1}) : images.to(at::kFloat);
  }
  Tensors run(const Tensors& inputs, const std::vector<std::string>& outputs) const {
    return session_->run(inputs, outputs);
  }
  /// Float images of what comes out, whatever it is called.
  at::Tensor images_of(const Tensors& inputs) const {
    const auto& output = session_->outputs().front().name;
    const auto made = session_->run(inputs, {output}).at(output);
    return takes_pictures_ && made.scalar_type() == at::kByte ? to_floats(made.permute({0, 3, 1, 2})) : made;
  }

 private:
  std::shared_ptr<const OnnxSession> session_;
  bool takes_pictures_;
};

[[noreturn]] void fail_to_export() {
  fail("export: received an ONNX file, accepted: the model that it was written from");
}

class OnnxGenerator : public LatentGenerator {
 public:
  OnnxGenerator(OnnxNetwork network, const ImageShape& shape) : network_(std::move(network)), shape_(shape) {}
  at::Tensor forward(const at::Tensor& latent, const at::Tensor& labels) override {
    if (latent.requires_grad()) {
      fail("an ONNX file cannot be searched for the latents of images, accepted: the model that it was written from");
    }
    Tensors inputs = {{"latent", latent.to(at::kFloat)}};
    if (network_.takes_pictures()) inputs["truncation"] = at::scalar_tensor(0, at::kFloat);
    if (labels.defined()) inputs["class"] = labels;
    return network_.images_of(inputs).reshape({-1, shape_.channels, shape_.height, shape_.width});
  }
  OnnxValue to_onnx(OnnxGraph&, const OnnxValue&, const OnnxValue&) override { fail_to_export(); }

 private:
  OnnxNetwork network_;
  ImageShape shape_;
};

class OnnxImageGenerator : public ImageGenerator {
 public:
  OnnxImageGenerator(OnnxNetwork network, const ImageRule& rule) : network_(std::move(network)), rule_(rule) {}
  at::Tensor forward(const at::Tensor& images) override { return images_from(network_.as_given(images)); }
  ImageRule rule() const override { return rule_; }
  OnnxValue to_onnx(OnnxGraph&, const OnnxValue&) override { fail_to_export(); }

 protected:
  const OnnxNetwork& network() const { return network_; }
  at::Tensor images_from(const at::Tensor& given) const {
    return network_.images_of({{"images", given}}).contiguous(at::MemoryFormat::ChannelsLast);
  }

 private:
  OnnxNetwork network_;
  ImageRule rule_;
};

/// Of label maps: as everywhere here it sees a channel for each kind, a file of pictures takes numbers of kinds.
class OnnxMapGenerator : public OnnxImageGenerator {
 public:
  using OnnxImageGenerator::OnnxImageGenerator;
  at::Tensor forward(const at::Tensor& kinds) override {
    if (!network().takes_pictures()) return OnnxImageGenerator::forward(kinds);
    return images_from(kinds.argmax(1).to(at::kByte).unsqueeze(-1));
  }
};

class OnnxDetector : public AnomalyDetector {
 public:
  OnnxDetector(OnnxNetwork network, Calibration scores, Calibration peaks)
      : network_(std::move(network)), scores_(std::move(scores)), peaks_(std::move(peaks)) {}
  /// In float32 at any rate.
  Detected detect(const at::Tensor& images, bool) const override {
    const auto found = network_.run({{"images", network_.as_given(images)}}, {"score", "map"});
    const auto &scores = found.at("score"), &maps = found.at("map");
    const int64_t count = images.size(0);
    if (scores.sizes() != at::IntArrayRef{count} ||
        maps.sizes() != at::IntArrayRef{count, images.size(2), images.size(3)}) {
      fail("an ONNX file gave scores and maps of other sides than its images have");
    }
    return {scores.to(at::kDouble), maps.to(at::kFloat).unsqueeze(1)};
  }
  DetectedNodes detect(OnnxGraph&, const OnnxValue&) const override { fail_to_export(); }
  const Calibration& scores() const override { return scores_; }
  const Calibration& peaks() const override { return peaks_; }

 private:
  OnnxNetwork network_;
  Calibration scores_, peaks_;
};

const std::string& said(const OnnxSession& session, const std::string& file, const char* key) {
  const auto found = session.metadata().find(key);
  if (found != session.metadata().end()) return found->second;
  fail("{}: its metadata say no {}; accepted: a file as forger export writes it", file, key);
}

int64_t number_said(const OnnxSession& session, const std::string& file, const char* key) {
  constexpr int64_t kMost = 1 << 16;
  const auto& text = said(session, file, key);
  const bool is_number = !text.empty() && text.size() < 6 && text.find_first_not_of("0123456789") == std::string::npos;
  if (!is_number || std::stoll(text) > kMost)
    fail("{}: its metadata say {} \"{}\", accepted: 0 to {}", file, key, text, kMost);
  return std::stoll(text);
}

const OnnxPlug& plug(const std::vector<OnnxPlug>& plugs, const std::string& file, const char* name, size_t sides) {
  for (const auto& each : plugs) {
    if (each.name == name && each.sides.size() == sides) return each;
  }
  fail("{}: it has no {} of {} sides, accepted: a file as forger export writes it", file, name, sides);
}

/// Of pictures `[N, H, W, C]` or tensors `[N, C, H, W]`; sides of any length are -1.
ImageShape shape_of_plug(const OnnxPlug& images, bool takes_pictures) {
  const auto& sides = images.sides;
  return takes_pictures ? ImageShape{sides[3], sides[1], sides[2]} : ImageShape{sides[1], sides[2], sides[3]};
}

void load_onnx_generator(Model::Implementation& model, const std::shared_ptr<const OnnxSession>& session,
                         const std::string& file, bool takes_pictures) {
  auto& info = model.info;
  auto& shape = model.file.shape;
  model.latents.latent = said(*session, file, "latent");
  model.latents.latent_size = info.latent_size = plug(session->inputs(), file, "latent", 2).sides[1];
  const auto& output = session->outputs().front();
  shape = output.name == "points" ? ImageShape{2, 1, 1}
                                  : shape_of_plug(plug(session->outputs(), file, "images", 4), takes_pictures);
  if (std::min({shape.channels, shape.height, shape.width, info.latent_size}) < 1) {
    fail("{}: its images or latents have no fixed sides, accepted: a file as forger export writes it", file);
  }
  model.generator = std::make_shared<OnnxGenerator>(OnnxNetwork(session, takes_pictures), shape);
  info.channels = shape.channels;
  info.height_px = shape.height;
  info.width_px = shape.width;
}

/// What `calibration_text` wrote.
Calibration calibration_said(const OnnxSession& session, const std::string& file, const char* key) {
  const auto read = nlohmann::json::parse(said(session, file, key), nullptr, /*allow_exceptions=*/false);
  const bool holds_numbers = read.is_array() && !read.empty() &&
                             std::ranges::all_of(read, [](const auto& number) { return number.is_number(); });
  if (!holds_numbers) fail("{}: its metadata say a {} of another form, accepted: a list of numbers", file, key);
  try {
    return Calibration(at::tensor(read.get<std::vector<float>>()));
  } catch (const Error& error) {
    fail("{}: its metadata's {}: {}", file, key, error.what());
  }
}

void load_onnx_detector(Model::Implementation& model, const std::shared_ptr<const OnnxSession>& session,
                        const std::string& file, bool takes_pictures) {
  auto& info = model.info;
  const auto shape = shape_of_plug(plug(session->inputs(), file, "images", 4), takes_pictures);
  if (std::min({shape.channels, shape.height, shape.width}) < 1) {
    fail("{}: its images have no fixed sides, accepted: a file as forger export writes it", file);
  }
  plug(session->outputs(), file, "score", 1);
  plug(session->outputs(), file, "map", 3);
  model.detector = std::make_shared<OnnxDetector>(OnnxNetwork(session, takes_pictures),
                                                  calibration_said(*session, file, kNormalScores),
                                                  calibration_said(*session, file, kNormalPeaks));
  model.file.shape = shape;
  info.channels = shape.channels;
  info.height_px = shape.height;
  info.width_px = shape.width;
  info.has_detector = true;
  for (const auto* key : {kNormalScores, kNormalPeaks}) info.provenance.erase(key);
}

void load_onnx_image_generator(Model::Implementation& model, const std::shared_ptr<const OnnxSession>& session,
                               const std::string& file, bool takes_pictures, const std::string& part) {
  auto& info = model.info;
  const auto from = shape_of_plug(plug(session->inputs(), file, "images", 4), takes_pictures);
  const auto to =
      shape_of_plug(plug(session->outputs(), file, part == "upscaler" ? "upscaled" : "translated", 4), takes_pictures);
  if (from.height != -1 || from.width != -1) {
    fail("{}: it takes pictures of {}x{} alone, accepted: one that was exported without --size", file, from.width,
         from.height);
  }
  const int64_t kinds = session->metadata().contains("kinds") ? number_said(*session, file, "kinds") : 0;
  const ImageRule rule{.scale = std::max<int64_t>(number_said(*session, file, "scale"), 1),
                       .multiple_px = std::max<int64_t>(number_said(*session, file, "multiple_px"), 1),
                       .halo_px = number_said(*session, file, "halo_px")};
  const OnnxNetwork written(session, takes_pictures);
  const auto network = kinds > 0 ? std::make_shared<OnnxMapGenerator>(written, rule)
                                 : std::make_shared<OnnxImageGenerator>(written, rule);
  model.file.source_shape.channels = info.source_channels = kinds > 0 ? 1 : from.channels;
  model.file.source_kinds = info.source_kinds = kinds;
  model.file.shape.channels = info.channels = to.channels;
  info.scale = rule.scale;
  info.architecture = said(*session, file, "architecture");
  if (part == "upscaler") {
    model.upscaler = network;
    info.has_upscaler = true;
    return;
  }
  model.translator = network;
  info.has_translator = true;
  info.directions = {part};
}

}  // namespace

void load_onnx(Model::Implementation& model, const std::filesystem::path& path) {
  const auto file = path.string();
  const auto runtime = OnnxRuntime::find();
  if (runtime == nullptr) {
    fail(
        "{}: an ONNX file needs ONNX Runtime, which is not here; `pip install onnxruntime` brings it, or "
        "ONNXRUNTIME_DIR "
        "names the folder of a release",
        file);
  }
  // The runtime is given no bytes that are no message: what reads them here is fuzzed.
  parse_onnx(read_file(path), file);
  const auto session = std::make_shared<const OnnxSession>(runtime, path, at::get_num_threads());
  auto& info = model.info;
  const auto part = said(*session, file, "part");
  const bool takes_pictures = said(*session, file, "form") == "pictures";
  info.game = model.file.game = said(*session, file, "game");
  info.levels = said(*session, file, "levels");
  info.provenance = session->metadata();
  model.device = c10::kCPU;
  if (const auto classes = session->metadata().find("classes"); classes != session->metadata().end()) {
    const auto names = nlohmann::json::parse(classes->second, nullptr, /*allow_exceptions=*/false);
    if (!names.is_array() || !std::ranges::all_of(names, [](const auto& name) { return name.is_string(); })) {
      fail("{}: its metadata say classes {}, accepted: a list of names", file, classes->second);
    }
    info.class_names = names.get<std::vector<std::string>>();
    model.file.class_names = info.class_names;
  }
  if (part == "generator") return load_onnx_generator(model, session, file, takes_pictures);
  if (part == "detector") return load_onnx_detector(model, session, file, takes_pictures);
  if (part == "upscaler" || part == "a2b" || part == "b2a") {
    return load_onnx_image_generator(model, session, file, takes_pictures, part);
  }
  fail("{}: it holds a part \"{}\", accepted: generator, detector, upscaler, a2b, b2a", file, part);
}

}  // namespace forger
