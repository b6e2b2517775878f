#include <torch/version.h>

#include <algorithm>
#include <functional>

#include "api/model_parts.h"
#include "core/fail.h"
#include "core/random.h"
#include "core/torch.h"
#include "image/grid.h"
#include "networks/label_map.h"
#include "onnx/onnx_runtime.h"
#include "onnx/script_file.h"

namespace forger {
namespace {

using Tensors = std::map<std::string, at::Tensor>;

constexpr int64_t kBatches[] = {1, 3};
/// Of images of any size: multiples of what networks ask for, and not.
constexpr std::pair<int64_t, int64_t> kSizes[] = {{32, 32}, {21, 40}};

int64_t length_of(const std::string& side, int64_t batch, std::pair<int64_t, int64_t> size) {
  if (side == "batch") return batch;
  if (side == "height") return size.first;
  return side == "width" ? size.second : std::stoll(side);
}

/// Random numbers for what goes in, without truncation.
Tensors random_inputs(const Model::Implementation& model, const std::vector<ExportedTensor>& ports, int64_t batch,
                      std::pair<int64_t, int64_t> size, at::Generator random) {
  Tensors inputs;
  for (const auto& port : ports) {
    if (port.name == "truncation") {
      inputs[port.name] = at::scalar_tensor(0, at::kFloat);
      continue;
    }
    std::vector<int64_t> sides;
    for (const auto& side : port.sides) sides.push_back(length_of(side, batch, size));
    const int64_t kinds = model.file.source_kinds, most = kinds > 0 ? kinds : 256;
    if (port.type == "int64") {
      inputs[port.name] = at::randint(model.file.classes(), sides, random, at::kLong);
    } else if (port.type == "uint8") {
      inputs[port.name] = at::randint(most, sides, random, at::kLong).to(at::kByte);
    } else {
      inputs[port.name] = at::empty(sides).uniform_(-1, 1, random);
    }
  }
  return inputs;
}

/// Forger's answers to the same inputs, in the same form.
class Answers {
 public:
  Answers(const Model& model, const Model::Implementation& parts, std::string part, bool raw)
      : model_(model), parts_(parts), part_(std::move(part)), raw_(raw) {}

  Tensors operator()(const Tensors& inputs) const {
    if (part_ == "generator") {
      const auto labels = inputs.contains("labels") ? inputs.find("labels") : inputs.find("class");
      const auto made = model_.generate(inputs.at("latent"), labels == inputs.end() ? at::Tensor() : labels->second);
      if (parts_.file.shape.is_point() && !raw_) return {{"points", made.flatten(1)}};
      return {{"images", picture_of(made)}};
    }
    const auto& given = inputs.at("images");
    const auto images = raw_ ? given : to_floats(given.permute({0, 3, 1, 2}));
    if (part_ == "encoder") return {{"latent", model_.encode(images)}};
    if (part_ == "detector") {
      const auto found = model_.detect(images, {.precision = "float32"});
      return {{"score", found.scores.to(at::kFloat)},
              {"p_normal", found.p_normal.to(at::kFloat)},
              {"map", found.maps.squeeze(1)}};
    }
    const bool forth = part_ != "upscaler" && !parts_.is_back(part_);
    const int64_t kinds = forth && !raw_ ? parts_.file.source_kinds : 0;
    const auto network = part_ == "upscaler" ? parts_.upscaler : forth ? parts_.translator : parts_.translator_back;
    const auto seen = kinds > 0 ? as_kind_channels(images, kinds) : images;
    return {
        {part_ == "upscaler" ? "upscaled" : "translated", picture_of(network->forward(seen.to(parts_.device)).cpu())}};
  }

 private:
  at::Tensor picture_of(const at::Tensor& images) const {
    return raw_ ? images : to_bytes(images).permute({0, 2, 3, 1});
  }

  const Model& model_;
  const Model::Implementation& parts_;
  std::string part_;
  bool raw_;
};

/// What a written file makes of the same inputs, by the names of its outputs.
using Run = std::function<Tensors(const Tensors&)>;

Verified compared(const Answers& answers, const Model::Implementation& model, const Exported& exported,
                  const std::filesystem::path& file, const std::string& runtime, const Run& run) {
  Verified verified{.runtime = runtime, .runs = 0, .differences = {}};
  for (const auto& port : exported.outputs) {
    verified.differences.push_back({.output = port.name, .is_picture = port.type == "uint8", .largest = 0});
  }
  const auto& ports = exported.inputs;
  const bool any_size =
      std::ranges::any_of(ports, [](const auto& port) { return std::ranges::count(port.sides, "height"); });
  const auto random = make_random(1);
  for (const int64_t batch : kBatches) {
    for (const auto& size : kSizes) {
      if (!any_size && size != kSizes[0]) continue;
      const auto inputs = random_inputs(model, ports, batch, size, random);
      const auto wanted = answers(inputs);
      const auto found = run(inputs);
      ++verified.runs;
      for (auto& difference : verified.differences) {
        const auto ours = wanted.at(difference.output).to(at::kDouble),
                   theirs = found.at(difference.output).to(at::kDouble);
        if (ours.sizes() != theirs.sizes())
          fail("{}: its output {} has other sides than Forger's", file.string(), difference.output);
        const auto unit = difference.is_picture ? at::ones({}, at::kDouble) : ours.abs().clamp_min(1);
        const double apart = ((ours - theirs).abs() / unit).max().item<double>();
        difference.largest = std::max(difference.largest, apart);
      }
    }
  }
  return verified;
}

}  // namespace

std::optional<Verified> Model::verify_onnx(const std::filesystem::path& file, const Exported& exported) const {
  const auto runtime = OnnxRuntime::find();
  if (runtime == nullptr) return std::nullopt;
  const at::NoGradGuard no_gradients;
  const OnnxSession session(runtime, file);
  const Answers answers(*this, *implementation_, exported.part, exported.raw);
  std::vector<std::string> outputs;
  for (const auto& port : exported.outputs) outputs.push_back(port.name);
  return compared(answers, *implementation_, exported, file, "ONNX Runtime " + runtime->version(),
                  [&](const Tensors& inputs) { return session.run(inputs, outputs); });
}

Verified Model::verify_torchscript(const std::filesystem::path& file, const Exported& exported) const {
  const at::NoGradGuard no_gradients;
  const ScriptFile written(file);
  const Answers answers(*this, *implementation_, exported.part, exported.raw);
  return compared(answers, *implementation_, exported, file, "TorchScript in LibTorch " TORCH_VERSION,
                  [&](const Tensors& inputs) {
                    std::vector<at::Tensor> given;
                    for (const auto& port : exported.inputs) given.push_back(inputs.at(port.name));
                    const auto made = written.run(given);
                    Tensors found;
                    for (size_t i = 0; i < exported.outputs.size(); ++i) {
                      found[exported.outputs[i].name] = made.at(i);
                    }
                    return found;
                  });
}

}  // namespace forger
