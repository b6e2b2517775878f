// run_model PART MODEL IN.npz OUT.npz: what a part of a model makes of float numbers, in float32, called as
// `forger export --raw` calls them: CASE.latent and CASE.class, or CASE.images, as many cases as there are. For the
// Python tests that compare it with what other programs make of the exported part.
#include <cstdio>
#include <exception>

#include "core/npz.h"
#include "core/random.h"
#include "core/torch.h"
#include "forger/model.h"
#include "model/import_model.h"
#include "model/load_weights.h"
#include "networks/catalog.h"

namespace forger {
namespace {

using Tensors = std::map<std::string, at::Tensor>;

Tensors made_of_latents(const Model& model, const Tensors& inputs) {
  const auto labels = inputs.find("class");
  return {{"images", model.generate(inputs.at("latent"), labels == inputs.end() ? at::Tensor() : labels->second)}};
}

Tensors detected(const Model& model, const Tensors& inputs) {
  const auto found = model.detect(inputs.at("images"), {.precision = "float32"});
  return {{"score", found.scores.to(at::kFloat)},
          {"p_normal", found.p_normal.to(at::kFloat)},
          {"map", found.maps.squeeze(1).contiguous()}};
}

/// By an upscaler or a translator; "b2a" of a model that goes both ways stands under a role of its own.
Tensors made_of_images(const ModelFile& file, const std::string& part, bool back, const Tensors& inputs) {
  const char* role = back ? "generator-back" : "generator";
  const auto config = config_of(*file.part(role));
  const auto &from = back ? file.shape : file.source_shape, &to = back ? file.source_shape : file.shape;
  const int64_t seen = !back && file.source_kinds > 0 ? file.source_kinds : from.channels;
  auto network = part == "upscaler" ? make_upscaler(config.upscaler, seen, to.channels, make_random(0))
                                    : make_translator(config.translator, seen, to.channels, make_random(0));
  network = loaded(network, file, role, "the model", c10::kCPU);
  return {{part == "upscaler" ? "upscaled" : "translated", network->forward(inputs.at("images")).contiguous()}};
}

void run(const std::string& part, const char* path, const char* in, const char* out) {
  const torch::NoGradGuard no_grad;
  const auto model = Model::load(path, "cpu");
  const auto file = read_or_import_model(path);
  const auto& directions = model.info().directions;
  const bool back = directions.size() > 1 && part == directions[1];
  std::map<std::string, Tensors> cases;
  for (const auto& [name, tensor] : read_npz(in)) {
    const auto dot = name.find('.');
    cases[name.substr(0, dot)][name.substr(dot + 1)] = tensor;
  }
  std::map<std::string, at::Tensor> made;
  for (const auto& [name, inputs] : cases) {
    const auto outputs = part == "generator"  ? made_of_latents(model, inputs)
                         : part == "encoder"  ? Tensors{{"latent", model.encode(inputs.at("images")).contiguous()}}
                         : part == "detector" ? detected(model, inputs)
                                              : made_of_images(file, part, back, inputs);
    for (const auto& [output, tensor] : outputs) made[name + "." + output] = tensor;
  }
  write_npz(out, made);
}

}  // namespace
}  // namespace forger

int main(int count, char** arguments) {
  if (count != 5) return 2;
  try {
    forger::run(arguments[1], arguments[2], arguments[3], arguments[4]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  return 0;
}
