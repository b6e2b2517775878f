#include "config/super_resolution_section.h"

#include <tuple>

#include "config/option_helpers.h"
#include "core/fail.h"

namespace forger {

Section degradation_section() {
  return {"degradation",
          {
              {"degradation.kind", place<&Config::degradation, &DegradationOptions::kind>, words({"bicubic", "blind"}),
               "How small images are made: antialiased, or with blur, noise and JPEG as pictures of the world have "
               "them."},
              {"degradation.low",
               place<&Config::degradation, &DegradationOptions::low>,
               {},
               "A data set with the small images themselves, of the same names; then nothing is made."},
              {"degradation.blur", place<&Config::degradation, &DegradationOptions::blur>, range(0, 20),
               "blind: the largest deviation of a blur kernel, in pixels; 0: no blur."},
              {"degradation.noise", place<&Config::degradation, &DegradationOptions::noise>, range(0, 255),
               "blind: the largest deviation of noise, in levels of 255; 0: no noise."},
              {"degradation.jpeg", place<&Config::degradation, &DegradationOptions::jpeg>, range(0, 95),
               "blind: the lowest JPEG quality, 1 to 95; 0: no JPEG."},
              {"degradation.second_order",
               place<&Config::degradation, &DegradationOptions::second_order>,
               {},
               "blind: all of it a second time, weaker, and ringing as of sharpening."},
          }};
}

Section super_resolution_section() {
  return {"super_resolution",
          {
              {"super_resolution.pixels", place<&Config::super_resolution, &SuperResolutionOptions::pixels>,
               range(0, 1e6), "Weight of the pixels' difference from the truth."},
              {"super_resolution.distance",
               place<&Config::super_resolution, &SuperResolutionOptions::distance>,
               {.words = {"absolute", "squared"},
                .other_names = {{"l1", "absolute"}, {"l2", "squared"}, {"mse", "squared"}}},
               "How that is measured: mean absolute or squared difference."},
              {"super_resolution.adversary", place<&Config::super_resolution, &SuperResolutionOptions::adversary>,
               range(0, 1e6), "Weight of the discriminator's opinion in the generator's loss; 0: no discriminator."},
              {"super_resolution.features", place<&Config::super_resolution, &SuperResolutionOptions::features>,
               range(0, 1e6), "Weight of the difference in the discriminator's features, in units of their size."},
              {"super_resolution.perceptual_weights",
               place<&Config::super_resolution, &SuperResolutionOptions::perceptual_weights>,
               {},
               "A file of VGG-19's weights (torchvision's), whose features take the place of the discriminator's."},
              {"super_resolution.pixel_phase", place<&Config::super_resolution, &SuperResolutionOptions::pixel_phase>,
               below(0, 1), "The share of the budget in which only pixels count, before the discriminator joins."},
          }};
}

void check_super_resolution(const Config& config) {
  const auto refuse = [](bool wrong, const char* key, const auto& received, const char* accepted) {
    if (wrong) fail("{}: received {} with game = \"super-resolution\", accepted: {}", key, received, accepted);
  };
  const auto& [data, super] = std::tie(config.data, config.super_resolution);
  const int64_t scale = config.upscaler.scale;
  refuse(data.labels, "data.labels", "true", "false");
  refuse(data.fit != "crop", "data.fit", "\"" + data.fit + "\"", "crop: parts are cut at their own scale");
  for (const int64_t side : data.size) {
    if (side % scale != 0)
      fail("data.size: received {} with upscaler.scale = {}, accepted: multiples of {}", side, scale, scale);
  }
  refuse(config.upscaler.turns_per_step != 1, "upscaler.turns_per_step", config.upscaler.turns_per_step, "1");
  refuse(config.discriminator.turns_per_step != 1, "discriminator.turns_per_step", config.discriminator.turns_per_step,
         "1");
  refuse(config.training.accumulate != 1, "training.accumulate", config.training.accumulate, "1");
  refuse(config.training.first_turn != "discriminator", "training.first_turn", "\"generator\"", "discriminator");
  refuse(config.discriminator.rotations > 0, "discriminator.rotations", config.discriminator.rotations, "0");
  refuse(super.features > 0 && super.adversary == 0, "super_resolution.features", super.features,
         "0, or super_resolution.adversary above 0: without a discriminator there are no features");
  refuse(!super.perceptual_weights.empty() && super.features == 0, "super_resolution.perceptual_weights",
         "\"" + super.perceptual_weights + "\"", "super_resolution.features above 0: the weight of its features");
  refuse(super.pixels == 0 && (super.adversary == 0 || super.pixel_phase > 0), "super_resolution.pixels", 0,
         "above 0, or super_resolution.adversary above 0 and super_resolution.pixel_phase = 0");
}

}  // namespace forger
