#include "api/misfit.h"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <string_view>

#include "config/schema.h"
#include "config/value.h"
#include "core/fail.h"
#include "model/model_file.h"

namespace forger {
namespace {

/// Whether the shapes of networks depend on the key's value.
bool shapes_networks(const Option& option) {
  constexpr std::string_view kWhole[] = {"game",         "data.size",          "data.channels",  "data.labels",
                                         "data.classes", "autoencoding.codes", "pairs.channels", "pairs.kinds",
                                         "cycle.pool",   "contrast.width"};
  constexpr std::string_view kSections[] = {"generator", "discriminator", "encoder", "code_discriminator",
                                            "pixel_discriminator"};
  constexpr std::string_view kNames[] = {"network",       "width",         "max_width",   "depth",
                                         "upsampling",    "normalization", "latent_size", "convolutional_latent",
                                         "spectral_norm", "rotations",     "optimizer"};
  const auto among = [](const auto& words, std::string_view word) {
    return std::find(std::begin(words), std::end(words), word) != std::end(words);
  };
  const std::string_view key = option.key;
  const size_t dot = key.find('.');
  return option.architecture || among(kWhole, key) ||
         (dot != std::string_view::npos && among(kSections, key.substr(0, dot)) && among(kNames, key.substr(dot + 1)));
}

}  // namespace

void explain_misfit(const RunFolder& run, const Config& saved, const TrainingSession& session) {
  for (const auto& option : options()) {
    if (!shapes_networks(option)) continue;
    const auto before = value_in_toml(option, saved), now = value_in_toml(option, session.config);
    if (now == before) continue;
    fail(
        "{}: received {}, accepted: {}, as {} was trained; its networks and optimisers fit nothing else: another value "
        "needs a new training",
        option.key, now, before, run.path().string());
  }
  expect_classes(run, session.data);
}

void expect_classes(const RunFolder& run, const OpenedData& data) {
  if (data.classes == 0 || !std::filesystem::exists(run.model())) return;
  const auto known = static_cast<int64_t>(read_model(run.model()).class_names.size());
  if (known == data.classes) return;
  fail(
      "data.source: received data of {} classes, accepted: of {}, as {} was trained; another number needs a new "
      "training",
      data.classes, known, run.path().string());
}

}  // namespace forger
