#include "networks/describe.h"

#include <map>

#include "core/fail.h"
#include "core/random.h"
#include "core/text.h"
#include "core/torch.h"
#include "networks/catalog.h"
#include "networks/evaluation_mode.h"
#include "networks/layers.h"

namespace forger {
namespace {

template <class Forward>
std::vector<LayerDescription> watch(torch::nn::Module& network, const Forward& forward) {
  std::map<const torch::nn::Module*, std::string> names;
  for (const auto& module : network.named_modules()) names[module.value().get()] = module.key();
  std::vector<LayerDescription> layers;
  {
    const at::NoGradGuard no_grad;
    const LayerObserver observer([&](const Layer& layer, const at::Tensor& output) {
      const int64_t parameters = count_parameters(layer);
      if (parameters > 0) layers.push_back({names.at(&layer), output.sizes().vec(), parameters});
    });
    const EvaluationMode evaluating(network);
    forward();
  }
  for (const auto& parameter : network.named_parameters(/*recurse=*/false)) {
    layers.push_back({parameter.key(), parameter.value().sizes().vec(), parameter.value().numel()});
  }
  return layers;
}

std::string with_commas(int64_t number) {
  return number < 1000 ? fmt::format("{}", number) : fmt::format("{},{:03}", with_commas(number / 1000), number % 1000);
}

std::string table(const std::string& title, const std::vector<LayerDescription>& layers) {
  int64_t count = 0;
  std::string rows;
  for (const auto& layer : layers) {
    std::vector<std::string> sides;
    for (size_t i = 1; i < layer.output_shape.size(); ++i) sides.push_back(fmt::format("{}", layer.output_shape[i]));
    rows += fmt::format("  {:<28} {:>14} {:>14}\n", layer.name, sides.empty() ? "1" : join(sides, "x"),
                        with_commas(layer.parameters));
    count += layer.parameters;
  }
  return fmt::format("{}, {} parameters\n  {:<28} {:>14} {:>14}\n{}", title, with_commas(count), "layer", "output",
                     "parameters", rows);
}

at::Tensor first_class(int64_t classes, const at::Tensor& like) {
  return classes > 0 ? at::zeros({1}, like.options().dtype(at::kLong)) : at::Tensor();
}

}  // namespace

int64_t count_parameters(const torch::nn::Module& network) {
  int64_t count = 0;
  for (const auto& parameter : network.parameters()) count += parameter.numel();
  return count;
}

std::vector<LayerDescription> describe(LatentGenerator& network, int64_t latent_size, int64_t classes) {
  const auto like = network.parameters().front().options().requires_grad(false);
  const auto latent = at::zeros({1, latent_size}, like);
  return watch(network, [&] { network.forward(latent, first_class(classes, latent)); });
}

std::vector<LayerDescription> describe(Discriminator& network, const ImageShape& shape, int64_t classes) {
  const auto like = network.parameters().front().options().requires_grad(false);
  const auto image = at::zeros({1, shape.channels, shape.height, shape.width}, like);
  return watch(network, [&] { network.forward(image, first_class(classes, image)); });
}

std::vector<LayerDescription> describe(Encoder& network, const ImageShape& shape) {
  const auto like = network.parameters().front().options().requires_grad(false);
  return watch(network, [&] { network.forward(at::zeros({1, shape.channels, shape.height, shape.width}, like)); });
}

std::vector<LayerDescription> describe(ImageGenerator& network, const ImageShape& source) {
  const auto like = network.parameters().front().options().requires_grad(false);
  return watch(network, [&] { network.forward(at::zeros({1, source.channels, source.height, source.width}, like)); });
}

std::string describe_network(const GeneratorOptions& options, const ImageShape& shape, int64_t classes) {
  const auto network = make_generator(options, shape, classes, make_random(1));
  return table("generator " + options.network, describe(*network, options.latent_size, classes));
}

std::string describe_network(const DiscriminatorOptions& options, const ImageShape& shape, int64_t classes) {
  const auto network = make_discriminator(options, shape, classes, make_random(1));
  return table("discriminator " + options.network, describe(*network, shape, classes));
}

std::string describe_network(const EncoderOptions& options, const ImageShape& shape, const CodeShape& code) {
  const auto network = make_encoder(options, shape, code, make_random(1));
  return table("encoder " + options.network, describe(*network, shape));
}

std::string describe_network(const UpscalerOptions& options, const ImageShape& source, int64_t channels) {
  const auto network = make_upscaler(options, source.channels, channels, make_random(1));
  return table("upscaler " + options.network, describe(*network, source));
}

std::string describe_network(const TranslatorOptions& options, const ImageShape& source, int64_t channels) {
  const auto network = make_translator(options, source.channels, channels, make_random(1));
  return table("translator " + options.network, describe(*network, source));
}

}  // namespace forger
