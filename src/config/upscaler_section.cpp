#include "config/upscaler_section.h"

#include <algorithm>
#include <tuple>

#include "config/player_options.h"
#include "core/fail.h"
#include "core/text.h"

namespace forger {
namespace {

/// What a network with group normalisation divides its channels into.
constexpr int64_t kNormalizationGroups = 4;

std::vector<std::string> normalizations_of(const std::string& network) {
  if (network == "srresnet") return {"none", "batch"};
  if (network == "realplksr") return {"none", "group", "layer"};
  return {"none"};
}

bool is_one_of(int64_t value, std::initializer_list<int64_t> accepted) {
  return std::find(accepted.begin(), accepted.end(), value) != accepted.end();
}

void check_kernels(const UpscalerOptions& upscaler) {
  if (upscaler.kernel % 2 == 0) fail("upscaler.kernel: received {}, accepted: an odd number", upscaler.kernel);
  if (upscaler.network == "realplksr" && upscaler.partial > upscaler.features) {
    fail("upscaler.partial: received {}, accepted: at most upscaler.features, which is {}", upscaler.partial,
         upscaler.features);
  }
}

}  // namespace

void check_upscaler(const UpscalerOptions& upscaler) {
  const auto& [network, scale, unshuffle] = std::tie(upscaler.network, upscaler.scale, upscaler.unshuffle);
  if (!is_one_of(scale, {1, 2, 3, 4, 8})) fail("upscaler.scale: received {}, accepted: 1, 2, 3, 4, 8", scale);
  const bool unshuffles = network == "rrdbnet" && scale != 3;
  if (!is_one_of(unshuffle, {1, 2, 4}) || (unshuffle != 1 && !unshuffles)) {
    fail("upscaler.unshuffle: received {} with the network \"{}\" and scale {}, accepted: {}", unshuffle, network,
         scale, unshuffles ? "1, 2, 4" : "1");
  }
  const auto normalizations = normalizations_of(network);
  if (std::find(normalizations.begin(), normalizations.end(), upscaler.normalization) == normalizations.end()) {
    fail("upscaler.normalization: received \"{}\" with the network \"{}\", accepted: {}", upscaler.normalization,
         network, join(normalizations));
  }
  if (upscaler.normalization == "group" && upscaler.features % kNormalizationGroups != 0) {
    fail("upscaler.features: received {} with group normalisation, accepted: a multiple of {}", upscaler.features,
         kNormalizationGroups);
  }
  check_kernels(upscaler);
}

Section upscaler_section() {
  return {
      "upscaler",
      player_options<&Config::upscaler>(
          "upscaler",
          {
              {"upscaler.network", place<&Config::upscaler, &UpscalerOptions::network>,
               words({"srresnet", "rrdbnet", "compact", "span", "realplksr"}), "The architecture, image to image.",
               kArchitecture},
              {"upscaler.scale", place<&Config::upscaler, &UpscalerOptions::scale>, range(1, 8),
               "Sides of what comes out over sides of what goes in: 1, 2, 3, 4 or 8.", kArchitecture},
              {"upscaler.features", place<&Config::upscaler, &UpscalerOptions::features>, range(1, 1024),
               "Channels between the layers. Time grows with their square.", kArchitecture},
              {"upscaler.blocks", place<&Config::upscaler, &UpscalerOptions::blocks>, range(1, 256),
               "Residual blocks; for compact the convolutions between the first and the last. Time grows with them.",
               kArchitecture},
              {"upscaler.growth", place<&Config::upscaler, &UpscalerOptions::growth>, range(1, 1024),
               "Channels that each convolution of a dense block adds (rrdbnet).", kArchitecture},
              {"upscaler.unshuffle", place<&Config::upscaler, &UpscalerOptions::unshuffle>, range(1, 4),
               "Squares of 1, 2 or 4 pixels a side become channels of one pixel before the network (rrdbnet): faster.",
               kArchitecture},
              {"upscaler.kernel", place<&Config::upscaler, &UpscalerOptions::kernel>, range(1, 31),
               "Side of the kernels next to the images (srresnet) or of the large kernels (realplksr); odd.",
               kArchitecture},
              {"upscaler.partial", place<&Config::upscaler, &UpscalerOptions::partial>, range(1, 1024),
               "Channels that the large kernels see (realplksr).", kArchitecture},
              {"upscaler.attention",
               place<&Config::upscaler, &UpscalerOptions::attention>,
               {},
               "Each block weighs its numbers one by one (realplksr).",
               kArchitecture},
              {"upscaler.activation", place<&Config::upscaler, &UpscalerOptions::activation>,
               words({"prelu", "relu", "leaky-relu"}), "Between the layers of srresnet and compact.", kArchitecture},
              {"upscaler.normalization", place<&Config::upscaler, &UpscalerOptions::normalization>,
               words({"none", "batch", "group", "layer"}),
               "Normalisation between the layers: batch for srresnet, group or layer for realplksr.", kArchitecture},
              {"upscaler.upsampling", place<&Config::upscaler, &UpscalerOptions::upsampling>,
               words({"shuffle", "dysample"}), "How realplksr makes pixels of its last channels.", kArchitecture},
              {"upscaler.centred",
               place<&Config::upscaler, &UpscalerOptions::centred>,
               {},
               "Takes the mean colour of photographs off what goes in, in the range 0 to 255 (span).",
               kArchitecture},
              {"upscaler.base", place<&Config::upscaler, &UpscalerOptions::base>,
               words({"none", "nearest", "bilinear", "bicubic"}),
               "What the network's answer is added to: nothing, or the image enlarged.", kArchitecture},
              {"upscaler.ema", place<&Config::upscaler, &UpscalerOptions::ema>, below(0, 1),
               "Decay per step of the averaged copy that previews and the model file use; 0: no averaging."},
          }),
      [](const Config& config) { check_upscaler(config.upscaler); }};
}

}  // namespace forger
