#include "serve/columns.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "run/journal.h"

namespace forger {
namespace {

using testing::ElementsAre;

TEST(TakeNumbersTest, NumbersOfObjectsAreNamedByTheirPathAndListsArePassedOver) {
  std::vector<std::pair<std::string, double>> taken;
  const bool is_whole = take_numbers(
      R"({"step": 3, "losses": {"a": 0.5, "deep": {"b": null}}, "list": [1, {"c": 2}], "word": "x", "finite": true})",
      [&](const std::string& name, double value) { taken.emplace_back(name, value); });
  EXPECT_TRUE(is_whole);
  ASSERT_EQ(taken.size(), 4u);
  EXPECT_EQ(taken[0], (std::pair<std::string, double>("step", 3)));
  EXPECT_EQ(taken[1], (std::pair<std::string, double>("losses.a", 0.5)));
  EXPECT_EQ(taken[2].first, "losses.deep.b");
  EXPECT_TRUE(std::isnan(taken[2].second));
  EXPECT_EQ(taken[3], (std::pair<std::string, double>("finite", 1)));
}

TEST(TakeNumbersTest, WhatIsNoObjectIsRefused) {
  for (const char* line : {"", "7", "null", "[1, 2]", "\"x\"", R"({"step": 1)", R"({"step": 1} x)", "\xff{}"}) {
    EXPECT_FALSE(take_numbers(line, [](const std::string&, double) {})) << line;
  }
}

TEST(ColumnsTest, EachNumberStandsInItsColumnAndRow) {
  Columns columns;
  EXPECT_TRUE(columns.append(R"({"step": 1, "kid": 0.5, "late": null})"));
  EXPECT_TRUE(columns.append(R"({"step": 2, "other": 7, "kid": 0.25})"));
  EXPECT_THAT(columns.steps(), ElementsAre(1, 2));
  EXPECT_THAT(columns.names(), ElementsAre("kid", "late", "other"));
  EXPECT_THAT(*columns.find("kid"), ElementsAre(0.5, 0.25));
  EXPECT_THAT(*columns.find("other"), ElementsAre(testing::IsNan(), 7));
  EXPECT_EQ(columns.find("none"), nullptr);
  EXPECT_EQ(columns.last("other"), 7);
  EXPECT_TRUE(std::isnan(columns.last("late")));
}

TEST(ColumnsTest, DamagedLinesAddNothing) {
  Columns columns;
  ASSERT_TRUE(columns.append(R"({"step": 5, "kid": 1})"));
  for (const char* line : {R"({"kid": 2})", R"({"step": 4, "kid": 2})", R"({"step": -1})", R"({"step": 1e300})",
                           R"({"step": null})", R"({"step": 6, "kid": )"}) {
    EXPECT_FALSE(columns.append(line)) << line;
  }
  EXPECT_EQ(columns.rows(), 1);
  EXPECT_THAT(*columns.find("kid"), ElementsAre(1));
}

TEST(ColumnsTest, RowsBetweenStepsIncludeBoth) {
  Columns columns;
  for (const char* line : {R"({"step": 10})", R"({"step": 20})", R"({"step": 20})", R"({"step": 30})"})
    columns.append(line);
  EXPECT_EQ(columns.rows_between(10, 20), std::pair(int64_t{0}, int64_t{3}));
  EXPECT_EQ(columns.rows_between(11, 19), std::pair(int64_t{1}, int64_t{1}));
  EXPECT_EQ(columns.rows_between(40, 5), std::pair(int64_t{4}, int64_t{4}));
}

}  // namespace
}  // namespace forger
