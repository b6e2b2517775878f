#pragma once

#include <memory>
#include <string>

#include "games/exhibit.h"
#include "networks/network.h"

namespace forger {

/// The generator that a configuration's `[translator]` describes, from the sources of `input` to its images, with first
/// weights of the run's seed; `number` tells several in one game apart.
std::shared_ptr<ImageGenerator> new_translator(const Config& config, const GameInput& input, uint64_t number = 0);
/// The same for its averaged copy; null without EMA.
std::shared_ptr<ImageGenerator> new_averaged_translator(const Config& config, const GameInput& input,
                                                        uint64_t number = 0);

/// What `shown` makes of the sources, in evaluation mode, for people. Its mode stays.
at::Tensor translated(ImageGenerator& shown, const at::Tensor& sources, uint64_t seed, c10::Device device,
                      bool bfloat16);

/// Of games that make images of images without knowing their truth.
class SourceExhibit : public Exhibit {
 public:
  /// `way`: as for any exhibit.
  SourceExhibit(const Config& config, const GameInput& input, const ImageShape& shape, const std::string& way = "")
      : Exhibit(config, input, new_translator(config, input), new_averaged_translator(config, input), shape, way) {}
  Origins draw_origins(int64_t count, const ItemRandom& random, const Origins& given) const override;
  bool translates() const override { return true; }

 protected:
  at::Tensor make(Network& generator, const Origins& origins) override;
};

}  // namespace forger
