#include "serve/thin.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <limits>
#include <numeric>

namespace forger {
namespace {

constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();

std::vector<int64_t> steps_to(int64_t count) {
  std::vector<int64_t> steps(static_cast<size_t>(count));
  std::iota(steps.begin(), steps.end(), 1);
  return steps;
}

TEST(ThinTest, FewRowsStayAsTheyAre) {
  const std::vector<double> column{3, kNothing, 1};
  const auto rows = thinned(steps_to(3), {&column}, 1, 3, 2);
  EXPECT_FALSE(rows.thinned);
  EXPECT_THAT(rows.steps, testing::ElementsAre(2, 3));
  EXPECT_THAT(rows.columns[0], testing::ElementsAre(testing::IsNan(), 1));
}

TEST(ThinTest, ABucketKeepsItsLeastAndGreatestInTheirOrder) {
  const std::vector<double> column{5, 1, 9, 4, 2, 8, kNothing, 3};
  const auto rows = thinned(steps_to(8), {&column}, 0, 8, 4);
  EXPECT_TRUE(rows.thinned);
  EXPECT_THAT(rows.steps, testing::ElementsAre(1, 4, 5, 8));
  EXPECT_THAT(rows.columns[0], testing::ElementsAre(1, 9, 2, 8));
}

TEST(ThinTest, ABucketWithoutNumbersIsEmpty) {
  const std::vector<double> column(8, kNothing);
  const auto rows = thinned(steps_to(8), {&column}, 0, 8, 2);
  EXPECT_THAT(rows.columns[0], testing::ElementsAre(testing::IsNan(), testing::IsNan()));
}

TEST(ThinTest, WholeRowsStayTogether) {
  const std::vector<double> one{1, 2, 3, 4, 5, 6, 7}, other{10, 20, 30, 40, 50, 60, 70};
  const auto rows = thinned(steps_to(7), {&one, &other}, 1, 7, 3, /*whole_rows=*/true);
  EXPECT_TRUE(rows.thinned);
  EXPECT_THAT(rows.steps, testing::ElementsAre(3, 5, 7));
  EXPECT_THAT(rows.columns[0], testing::ElementsAre(3, 5, 7));
  EXPECT_THAT(rows.columns[1], testing::ElementsAre(30, 50, 70));
}

RC_GTEST_PROP(ThinTest, TheWholesExtremesAndEndsStay, ()) {
  const auto column = *rc::gen::nonEmpty(rc::gen::container<std::vector<double>>(
      rc::gen::map(rc::gen::inRange(-1000, 1000), [](int value) { return static_cast<double>(value); })));
  const auto most = *rc::gen::inRange<int64_t>(2, 40);
  const auto count = static_cast<int64_t>(column.size());
  const auto rows = thinned(steps_to(count), {&column}, 0, count, most);
  RC_ASSERT(static_cast<int64_t>(rows.steps.size()) <= std::max(most, int64_t{2}));
  RC_ASSERT(std::ranges::is_sorted(rows.steps));
  RC_ASSERT(rows.steps.front() == 1 && rows.steps.back() == count);
  RC_ASSERT(std::ranges::max(rows.columns[0]) == std::ranges::max(column));
  RC_ASSERT(std::ranges::min(rows.columns[0]) == std::ranges::min(column));
}

}  // namespace
}  // namespace forger
