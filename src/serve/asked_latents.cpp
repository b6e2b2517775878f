#include "serve/asked_latents.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "core/fail.h"
#include "core/text.h"
#include "core/torch.h"
#include "core/utf8.h"

namespace forger {
namespace {

/// Principal directions that a request may move latents along, and how far, in standard deviations of normal latents.
constexpr int64_t kDirections = 8;
constexpr double kFarthest = 4;

std::vector<uint64_t> seeds_of(const std::string& text) {
  if (text.empty()) return {};
  std::vector<uint64_t> seeds;
  for (const auto& part : split(text, ',')) {
    double seed = -1;
    if (!is_number(part, seed) || seed < 0 || seed > kLargestSeed || seed != std::floor(seed)) {
      fail("seeds: received {}, accepted: whole numbers from 0 to {}: 3,4,5", for_message(text), kLargestSeed);
    }
    seeds.push_back(static_cast<uint64_t>(seed));
  }
  if (static_cast<double>(seeds.size()) > kMostImagesAsked) {
    fail("seeds: received {} of them, accepted: 1 to {}", seeds.size(), kMostImagesAsked);
  }
  return seeds;
}

}  // namespace

int64_t directions_of(const ModelInfo& model) {
  return std::min({kDirections, model.latent_size, model.channels * model.height_px * model.width_px});
}

Latents latents_of(const Model& model, const TaskCall& call) {
  SampleOptions options{.seed = static_cast<uint64_t>(call.whole("seed")),
                        .class_number = call.whole("class"),
                        .truncation = call.number("truncation"),
                        .interpolate = call.is_set("interpolate")};
  const int64_t count = call.whole("count");
  const auto seeds = seeds_of(call.text("seeds"));
  if (seeds.empty()) return model.draw_latents(count, options);
  const auto legs = static_cast<int64_t>(seeds.size()) - 1;
  const bool walks = std::exchange(options.interpolate, false);
  if (walks && (legs < 1 || count <= legs || (count - 1) % legs != 0)) {
    fail("count: received {} to walk through {} seeds, accepted: 2 or more seeds, and as many images between any two",
         count, seeds.size());
  }
  if (!walks && count != 1 && count != legs + 1) {
    fail("count: received {} for {} seeds, accepted: one image for each", count, seeds.size());
  }
  std::vector<at::Tensor> latents, labels;
  for (const auto seed : seeds) {
    options.seed = seed;
    const auto drawn = model.draw_latents(1, options);
    latents.push_back(drawn.latents);
    if (drawn.labels.defined()) labels.push_back(drawn.labels);
  }
  Latents all{at::cat(latents), labels.empty() ? at::Tensor() : at::cat(labels)};
  if (!walks) return all;
  all.latents = model.walk(all.latents, (count - 1) / legs);
  if (all.labels.defined()) all.labels = all.labels.narrow(0, 0, 1).expand({count}).contiguous();
  return all;
}

at::Tensor amounts_of(const Model& model, const TaskCall& call) {
  const auto text = call.text("along");
  if (text.empty()) return {};
  const int64_t directions = directions_of(model.info());
  const auto refuse = [&] {
    fail("along: received {}, accepted: directions from 0 to {} and how far to go, -{:g} to {:g}: 0:1.5,1:-2",
         for_message(text), directions - 1, kFarthest, kFarthest);
  };
  auto amounts = at::zeros({1, directions});
  for (const auto& part : split(text, ',')) {
    double direction = -1, amount = 0;
    const auto pair = split(part, ':');
    const bool is_pair = pair.size() == 2 && is_number(pair[0], direction) && is_number(pair[1], amount);
    const bool is_known =
        direction >= 0 && direction < static_cast<double>(directions) && direction == std::floor(direction);
    if (!is_pair || !is_known || std::abs(amount) > kFarthest) refuse();
    amounts[0][static_cast<int64_t>(direction)] = amount;
  }
  return amounts;
}

}  // namespace forger
