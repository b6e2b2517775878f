#include "games/rotations.h"

#include <gtest/gtest.h>

#include "core/torch.h"

namespace forger {
namespace {

TEST(TurnsTest, TurnsToTheLeft) {
  // 1 2      2 4      4 3      3 1
  // 3 4  ->  1 3  ->  2 1  ->  4 2
  const auto image = torch::tensor({1.0f, 2.0f, 3.0f, 4.0f}).view({1, 1, 2, 2});
  const auto expected = torch::tensor({1, 2, 3, 4, 2, 4, 1, 3, 4, 3, 2, 1, 3, 1, 4, 2}, at::kFloat).view({4, 1, 2, 2});
  EXPECT_TRUE(at::equal(rotated(image), expected));
}

TEST(TurnsTest, NumbersSayWhichTurnStandsWhere) {
  const auto images = at::zeros({2, 1, 4, 4});
  EXPECT_TRUE(at::equal(rotation_numbers(images), torch::tensor({0, 0, 1, 1, 2, 2, 3, 3}, at::kLong)));
}

TEST(TurnsTest, WhatIsNotSquareKeepsItsShape) {
  EXPECT_EQ(rotated(at::zeros({3, 1, 8, 12})).sizes(), (std::vector<int64_t>{12, 1, 8, 12}));
}

}  // namespace
}  // namespace forger
