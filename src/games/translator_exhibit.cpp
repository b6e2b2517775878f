#include "games/translator_exhibit.h"

#include "core/random.h"
#include "core/torch.h"
#include "networks/catalog.h"
#include "networks/evaluation_mode.h"
#include "players/precision.h"

namespace forger {

std::shared_ptr<ImageGenerator> new_translator(const Config& config, const GameInput& input, uint64_t number) {
  const auto random = make_random(derive_seed(config.training.seed, Stream::generator_weights, number));
  auto translator = make_translator(config.translator, input.source_shape.channels, input.shape.channels, random);
  translator->to(input.device);
  translator->draw_in_evaluation(true);  // dropout is what makes one image's translations differ
  return translator;
}

std::shared_ptr<ImageGenerator> new_averaged_translator(const Config& config, const GameInput& input, uint64_t number) {
  return config.translator.ema > 0 ? new_translator(config, input, number) : nullptr;
}

at::Tensor translated(ImageGenerator& shown, const at::Tensor& sources, uint64_t seed, c10::Device device,
                      bool bfloat16) {
  torch::NoGradGuard no_grad;
  Precision precision(device, bfloat16);
  const EvaluationMode evaluating(shown);
  shown.use_random(ItemRandom(derive_seed(seed, Stream::preview)));
  return shown.forward(sources.to(device)).cpu();
}

Origins SourceExhibit::draw_origins(int64_t count, const ItemRandom&, const Origins& given) const {
  return {.sources = given.sources.narrow(0, 0, count)};
}

at::Tensor SourceExhibit::make(Network& generator, const Origins& origins) {
  generator.use_random(ItemRandom(derive_seed(config().training.seed, Stream::referee)));
  return dynamic_cast<ImageGenerator&>(generator).forward(origins.sources);
}

}  // namespace forger
