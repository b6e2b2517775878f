#include "tasks/invert.h"

#include <gtest/gtest.h>

#include "core/random.h"
#include "core/torch.h"
#include "forger/error.h"

namespace forger {
namespace {

/// A model whose images are a fixed linear map of its latents: 3 numbers, 1 x 4 x 4 pixels.
struct LinearModel {
  at::Tensor map = at::empty({3, 16}).normal_(0, 1, make_random(1));
  at::Tensor operator()(const at::Tensor& latents, const at::Tensor&) const {
    return latents.matmul(map).view({-1, 1, 4, 4});
  }
};

at::Tensor starts(int64_t images, int64_t count) { return at::empty({images, count, 3}).normal_(0, 1, make_random(2)); }

TEST(InvertTest, FindsTheLatentThatAnImageWasMadeFrom) {
  const LinearModel model;
  const auto latents = torch::tensor({{0.5, -1.0, 1.5}, {-0.2, 0.3, 0.9}}, at::kFloat);
  InversionOptions options;
  options.prior = 0;
  const auto found = invert(model, model(latents, {}), at::ones({2, 1, 4, 4}), starts(2, 3), {}, options);
  EXPECT_LT((found.latents - latents).abs().max().item<double>(), 0.02);
  EXPECT_LT(found.errors.max().item<double>(), 1e-3);
}

TEST(InvertTest, WhatHasNoWeightDoesNotMatter) {
  const LinearModel model;
  const auto latents = torch::tensor({{0.5, -1.0, 1.5}}, at::kFloat);
  auto image = model(latents, {}).clone();
  auto weights = at::ones({1, 1, 4, 4});
  image.narrow(2, 0, 1).fill_(100);  // a broken row
  weights.narrow(2, 0, 1).zero_();
  InversionOptions options;
  options.prior = 0;
  const auto found = invert(model, image, weights, starts(1, 3), {}, options);
  EXPECT_LT((found.latents - latents).abs().max().item<double>(), 0.02);
}

TEST(InvertTest, EndsWhenItIsToldToWithWhatItHas) {
  const LinearModel model;
  InversionOptions options;
  std::vector<int64_t> asked;
  options.goes_on = [&](int64_t step) {
    asked.push_back(step);
    return true;
  };
  const auto image = model(torch::tensor({{0.5, -1.0, 1.5}}, at::kFloat), {});
  const auto whole = invert(model, image, at::ones({1, 1, 4, 4}), starts(1, 1), {}, options);
  ASSERT_EQ(asked.size(), 200);
  EXPECT_EQ(asked.front(), 1);
  EXPECT_EQ(asked.back(), 200);
  options.goes_on = [&](int64_t step) { return step < 10; };
  const auto early = invert(model, image, at::ones({1, 1, 4, 4}), starts(1, 1), {}, options);
  EXPECT_GT(early.errors.item<double>(), whole.errors.item<double>());
}

TEST(InvertTest, UniformLatentsStayInTheirRange) {
  const LinearModel model;
  InversionOptions options;
  options.latent = "uniform";
  const auto found =
      invert(model, at::full({1, 1, 4, 4}, 50.0), at::ones({1, 1, 4, 4}), starts(1, 2).clamp(-1, 1), {}, options);
  EXPECT_LE(found.latents.abs().max().item<double>(), 1);
}

TEST(InvertTest, AnImagesResultDoesNotHangOnTheOthers) {
  const LinearModel model;
  const auto latents = at::empty({4, 3}).normal_(0, 1, make_random(3));
  const auto images = model(latents, {});
  const auto from = starts(1, 2).expand({4, 2, 3}).contiguous();
  const auto weights = at::ones({4, 1, 4, 4});
  const auto together = invert(model, images, weights, from, {}, {});
  const auto alone = invert(model, images.narrow(0, 2, 1), weights.narrow(0, 2, 1), from.narrow(0, 2, 1), {}, {});
  EXPECT_LT((together.latents[2] - alone.latents[0]).abs().max().item<double>(), 1e-4);
}

TEST(InvertTest, RefusesAnImageOfWhichNothingCounts) {
  EXPECT_THROW(invert(LinearModel(), at::zeros({1, 1, 4, 4}), at::zeros({1, 1, 4, 4}), starts(1, 1), {}, {}), Error);
}

}  // namespace
}  // namespace forger
