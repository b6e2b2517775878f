#include "games/latent_side.h"

#include "config/architecture.h"
#include "core/random.h"
#include "core/torch.h"
#include "games/latent.h"
#include "networks/catalog.h"
#include "networks/evaluation_mode.h"

namespace forger {

std::shared_ptr<LatentGenerator> new_generator(const Config& config, const GameInput& input, int64_t classes) {
  auto generator = make_generator(config.generator, input.shape, classes,
                                  make_random(derive_seed(config.training.seed, Stream::generator_weights)));
  generator->to(input.device);
  return generator;
}

ModelPart generator_part(const Config& config) {
  return {"generator", "latent-generator", architecture_of(config, "generator"), /*keeps_raw=*/true};
}

at::Tensor latent_preview(const Config& config, const GameInput& game, const PreviewInput& input,
                          LatentGenerator& generator, LatentGenerator* averaged) {
  torch::NoGradGuard no_grad;
  const ItemRandom random(derive_seed(input.seed, Stream::preview));
  const auto latent = draw_latent(config.generator, input.count, random).to(game.device);
  const auto labels =
      game.classes > 0 ? at::arange(input.count, latent.options().dtype(at::kLong)) % game.classes : at::Tensor();
  LatentGenerator& drawing = averaged ? *averaged : generator;
  const EvaluationMode evaluating(drawing);
  return drawing.forward(latent, labels);
}

}  // namespace forger
