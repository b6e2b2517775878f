#include "config/autoencoding_section.h"

#include "config/game_table.h"
#include "config/option_helpers.h"
#include "core/fail.h"

namespace forger {
namespace {

/// A detector asks a discriminator, and only beside an encoder does that one name rotations.
void check_detector(const Config& config) {
  if (reads_section(config.game, "detector") && config.has_discriminator()) return;
  const auto refuse = [](const char* key, const auto& received) {
    if (received == 0) return;
    fail("{}: received {}, accepted: 0, or game = \"autoencoding\" with autoencoding.adversary above 0", key, received);
  };
  refuse("discriminator.rotations", config.discriminator.rotations);
  refuse("detector.normals", config.detector.normals);
}

}  // namespace

Section detector_section() {
  return {"detector",
          {
              {"detector.normals", place<&Config::detector, &DetectorOptions::normals>, range(0, 1e6),
               "Training images that the model's detector learns from what is normal; 0: the model has none."},
          },
          check_detector};
}

}  // namespace forger
