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

std::vector<std::string> upsamplings_of(const std::string& network) {
  if (network == "realplksr") return {"shuffle", "dysample"};
  if (network == "swinir") return {"shuffle", "direct", "nearest", "none"};
  if (network == "dat") return {"shuffle", "direct"};
  return {"shuffle"};
}

void check_word(const char* key, const std::string& received, const std::string& network,
                const std::vector<std::string>& accepted) {
  if (std::find(accepted.begin(), accepted.end(), received) != accepted.end()) return;
  fail("{}: received \"{}\" with the network \"{}\", accepted: {}", key, received, network, join(accepted));
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

void check_transformer(const UpscalerOptions& upscaler) {
  const auto& [features, heads, convolutions] = std::tie(upscaler.features, upscaler.heads, upscaler.end_convolutions);
  if (features % heads != 0) {
    fail("upscaler.heads: received {}, accepted: what divides upscaler.features, which is {}", heads, features);
  }
  if (!is_one_of(convolutions, {1, 3})) fail("upscaler.end_convolutions: received {}, accepted: 1, 3", convolutions);
  if (convolutions == 3 && features < 4) fail("upscaler.features: received {}, accepted: at least 4", features);
  const int64_t enlarging = upscaler.scale * upscaler.unshuffle;
  const bool fits = upscaler.upsampling == "none"      ? enlarging == 1
                    : upscaler.upsampling == "nearest" ? enlarging > 1 && enlarging != 3
                                                       : true;
  if (!fits) {
    fail("upscaler.upsampling: received \"{}\" with scale {} and upscaler.unshuffle {}, accepted: shuffle, direct",
         upscaler.upsampling, upscaler.scale, upscaler.unshuffle);
  }
}

void check_dat(const UpscalerOptions& upscaler) {
  const auto& [features, heads, hidden] = std::tie(upscaler.features, upscaler.heads, upscaler.hidden);
  // Fewer leave no channel for the narrow layers.
  if (features < 32) fail("upscaler.features: received {} with the network \"dat\", accepted: at least 32", features);
  if (heads % 2 != 0) fail("upscaler.heads: received {} with the network \"dat\", accepted: an even number", heads);
  if (hidden % 2 != 0) fail("upscaler.hidden: received {} with the network \"dat\", accepted: an even number", hidden);
  const auto [shorter, longer] = std::minmax({upscaler.window, upscaler.window_width});
  if (longer % shorter != 0) {
    fail("upscaler.window_width: received {} with a window of {}, accepted: a multiple of one by the other",
         upscaler.window_width, upscaler.window);
  }
}

/// Batch normalisation of one number for each channel has no deviation.
void check_batch(const Config& config) {
  const auto& [batch_size, accumulate] = std::tie(config.training.batch_size, config.training.accumulate);
  if (config.upscaler.network != "dat" || batch_size / accumulate > 1) return;
  fail("training.batch_size: received {} in {} parts with upscaler.network \"dat\", accepted: 2 or more in each part",
       batch_size, accumulate);
}

}  // namespace

void check_upscaler(const UpscalerOptions& upscaler) {
  const auto& [network, scale, unshuffle] = std::tie(upscaler.network, upscaler.scale, upscaler.unshuffle);
  if (!is_one_of(scale, {1, 2, 3, 4, 8})) fail("upscaler.scale: received {}, accepted: 1, 2, 3, 4, 8", scale);
  const bool unshuffles = (network == "rrdbnet" || network == "swinir") && scale != 3;
  if (!is_one_of(unshuffle, {1, 2, 4}) || (unshuffle != 1 && !unshuffles)) {
    fail("upscaler.unshuffle: received {} with the network \"{}\" and scale {}, accepted: {}", unshuffle, network,
         scale, unshuffles ? "1, 2, 4" : "1");
  }
  check_word("upscaler.normalization", upscaler.normalization, network, normalizations_of(network));
  check_word("upscaler.upsampling", upscaler.upsampling, network, upsamplings_of(network));
  if (upscaler.normalization == "group" && upscaler.features % kNormalizationGroups != 0) {
    fail("upscaler.features: received {} with group normalisation, accepted: a multiple of {}", upscaler.features,
         kNormalizationGroups);
  }
  check_kernels(upscaler);
  if (network == "swinir" || network == "dat") check_transformer(upscaler);
  if (network == "dat") check_dat(upscaler);
}

Section upscaler_section() {
  return {
      "upscaler",
      player_options<&Config::upscaler>(
          "upscaler",
          {
              {"upscaler.network", place<&Config::upscaler, &UpscalerOptions::network>,
               words({"srresnet", "rrdbnet", "compact", "span", "realplksr", "swinir", "dat"}),
               "The architecture, image to image.", kArchitecture},
              {"upscaler.scale", place<&Config::upscaler, &UpscalerOptions::scale>, range(1, 8),
               "Sides of what comes out over sides of what goes in: 1, 2, 3, 4 or 8.", kArchitecture},
              {"upscaler.features", place<&Config::upscaler, &UpscalerOptions::features>, range(1, 1024),
               "Channels between the layers. Time grows with their square.", kArchitecture},
              {"upscaler.blocks", place<&Config::upscaler, &UpscalerOptions::blocks>, range(1, 256),
               "Residual blocks; for compact the convolutions between the first and the last. Time grows with them.",
               kArchitecture},
              {"upscaler.depth", place<&Config::upscaler, &UpscalerOptions::depth>, range(1, 64),
               "Pairs of attention and of what follows it in each block (swinir, dat). Time grows with them.",
               kArchitecture},
              {"upscaler.growth", place<&Config::upscaler, &UpscalerOptions::growth>, range(1, 1024),
               "Channels that each convolution of a dense block adds (rrdbnet).", kArchitecture},
              {"upscaler.unshuffle", place<&Config::upscaler, &UpscalerOptions::unshuffle>, range(1, 4),
               "Squares of 1, 2 or 4 pixels a side become channels of one pixel before the network (rrdbnet,"
               " swinir): faster.",
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
              {"upscaler.window", place<&Config::upscaler, &UpscalerOptions::window>, range(1, 32),
               "Side of the windows in which places look at each other (swinir, dat). Time grows with its square.",
               kArchitecture},
              {"upscaler.window_width", place<&Config::upscaler, &UpscalerOptions::window_width>, range(1, 64),
               "Other side of the windows, which lie for half of the heads and stand for the others (dat).",
               kArchitecture},
              {"upscaler.heads", place<&Config::upscaler, &UpscalerOptions::heads>, range(1, 64),
               "Heads that share the features and look at other places each (swinir, dat); divides upscaler.features.",
               kArchitecture},
              {"upscaler.hidden", place<&Config::upscaler, &UpscalerOptions::hidden>, range(1, 8192),
               "Channels inside what follows each attention (swinir, dat). Time grows with them.", kArchitecture},
              {"upscaler.end_convolutions", place<&Config::upscaler, &UpscalerOptions::end_convolutions>, range(1, 3),
               "Convolutions at the end of each block, 1 or 3 (swinir, dat); 3 narrow ones are faster.", kArchitecture},
              {"upscaler.activation", place<&Config::upscaler, &UpscalerOptions::activation>,
               words({"prelu", "relu", "leaky-relu"}), "Between the layers of srresnet and compact.", kArchitecture},
              {"upscaler.normalization", place<&Config::upscaler, &UpscalerOptions::normalization>,
               words({"none", "batch", "group", "layer"}),
               "Normalisation between the layers: batch for srresnet, group or layer for realplksr.", kArchitecture},
              {"upscaler.upsampling", place<&Config::upscaler, &UpscalerOptions::upsampling>,
               words({"shuffle", "dysample", "direct", "nearest", "none"}),
               "How pixels are made of the last channels: by realplksr shuffle or dysample, by dat shuffle or direct,"
               " by swinir all but dysample.",
               kArchitecture},
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
      [](const Config& config) {
        check_upscaler(config.upscaler);
        check_batch(config);
      }};
}

}  // namespace forger
