#include "core/item_random.h"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/torch.h"
#include "support/golden_json.h"

namespace forger {
namespace {

at::Tensor rows(const nlohmann::json& table) {
  std::vector<at::Tensor> all;
  for (const auto& row : table) all.push_back(golden_tensor(row));
  return at::stack(all);
}

TEST(ItemRandomTest, EqualsPhiloxAsWrittenInThePaper) {
  const auto golden = read_golden("core/golden/item_random.json");
  const ItemRandom random(golden["seed"]);
  const std::vector<int64_t> sizes = {golden["items"], golden["length"]};
  EXPECT_TRUE(at::equal(random.uniform(sizes), rows(golden["uniform"])));
  EXPECT_TRUE(at::allclose(random.normal(sizes), rows(golden["normal"]), 1e-5, 1e-6));
}

TEST(ItemRandomTest, AnItemsNumbersHangOnNothingButTheItem) {
  const auto draws = [](int64_t count) {
    const ItemRandom random(5);
    random.uniform({count, 3});
    return at::cat({random.normal({count, 2, 7}).flatten(1), random.uniform({count, 20}, -1, 1)}, 1);
  };
  const auto many = draws(3000);
  for (const int64_t count : {1, 2, 15, 16, 17, 100})
    EXPECT_TRUE(at::equal(draws(count), many.narrow(0, 0, count))) << count;
  const int threads = at::get_num_threads();
  at::set_num_threads(1);
  const auto alone = draws(3000);
  at::set_num_threads(threads);
  EXPECT_TRUE(at::equal(alone, many));
}

TEST(ItemRandomTest, ARowBeginsTheSameWhateverItsLength) {
  EXPECT_TRUE(at::equal(ItemRandom(2).normal({4, 5}), ItemRandom(2).normal({4, 50}).narrow(1, 0, 5)));
}

TEST(ItemRandomTest, DrawsDifferFromEachOtherAndBetweenSeeds) {
  const ItemRandom random(1);
  const auto first = random.normal({2, 4}), second = random.normal({2, 4});
  EXPECT_TRUE(first.ne(second).all().item<bool>());
  EXPECT_TRUE(first.ne(ItemRandom(2).normal({2, 4})).all().item<bool>());
  EXPECT_TRUE(first[0].ne(first[1]).all().item<bool>());
}

TEST(ItemRandomTest, CopiesShareTheCountAndBranchesCountAsOneDraw) {
  const ItemRandom random(3), straight(3);
  const ItemRandom copy = random;
  copy.normal({1, 1});
  const auto branch = random.branch();
  for (int i = 0; i < 5; ++i) branch.normal({2, 2});
  straight.normal({9, 9});
  straight.branch();
  EXPECT_TRUE(at::equal(random.normal({2, 2}), straight.normal({2, 2})));
}

TEST(ItemRandomTest, NumbersAreDistributedAsTheySay) {
  const ItemRandom random(4);
  const auto normal = random.normal({500, 1000}).to(at::kDouble);
  EXPECT_NEAR(normal.mean().item<double>(), 0, 0.006);  // standard error 0.0014
  EXPECT_NEAR(normal.var().item<double>(), 1, 0.008);
  EXPECT_NEAR(normal.pow(4).mean().item<double>(), 3, 0.06);
  EXPECT_NEAR((normal.abs() > 1.96).to(at::kDouble).mean().item<double>(), 0.05, 0.0015);
  const auto uniform = random.uniform({500, 1000}, -1, 3).to(at::kDouble);
  EXPECT_GE(uniform.min().item<double>(), -1);
  EXPECT_LT(uniform.max().item<double>(), 3);
  EXPECT_NEAR(uniform.mean().item<double>(), 1, 0.008);
  EXPECT_NEAR(uniform.var().item<double>(), 4.0 / 3, 0.01);
  int64_t counts[3] = {};
  for (int i = 0; i < 3000; ++i) ++counts[random.whole(3)];
  for (const int64_t count : counts) EXPECT_NEAR(static_cast<double>(count), 1000, 100);
}

}  // namespace
}  // namespace forger
