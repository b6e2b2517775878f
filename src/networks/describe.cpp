#include "networks/describe.h"

#include <map>

#include "core/torch.h"
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
    const bool was_training = network.is_training();
    network.eval();
    forward();
    network.train(was_training);
  }
  for (const auto& parameter : network.named_parameters(/*recurse=*/false)) {
    layers.push_back({parameter.key(), parameter.value().sizes().vec(), parameter.value().numel()});
  }
  return layers;
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

std::vector<LayerDescription> describe(Generator& network, int64_t latent_size, int64_t classes) {
  const auto like = network.parameters().front().options().requires_grad(false);
  const auto latent = at::zeros({1, latent_size}, like);
  return watch(network, [&] { network.forward(latent, first_class(classes, latent)); });
}

std::vector<LayerDescription> describe(Discriminator& network, const ImageShape& shape, int64_t classes) {
  const auto like = network.parameters().front().options().requires_grad(false);
  const auto image = at::zeros({1, shape.channels, shape.height, shape.width}, like);
  return watch(network, [&] { network.forward(image, first_class(classes, image)); });
}

}  // namespace forger
