#include "core/shared_items.h"

#include <gmock/gmock.h>

#include <string>
#include <thread>

#include "core/as_team.h"

namespace forger {
namespace {

using Told = std::vector<std::pair<int64_t, std::string>>;

TEST(SharedItemsTest, AloneReportsAreToldAtOnce) {
  Told told;
  SharedItems items(nullptr, [&](int64_t item, const nlohmann::json& report) { told.emplace_back(item, report); });
  items.expect_same("anything");
  EXPECT_TRUE(items.leads() && items.is_mine(7) && items.goes_on() && !items.is_shared());
  items.report(1, "b");
  items.report(0, "a");
  EXPECT_EQ(told, (Told{{1, "b"}, {0, "a"}}));
  items.finish();
  EXPECT_EQ(told.size(), 2);
  EXPECT_EQ(items.sum(5), 5);
}

TEST(SharedItemsTest, RankZeroIsToldOfAllInTheirOrder) {
  const std::string bytes = "no UTF-8: \xff\xfe";
  expect_good(3, [&](Team& team) {
    Told told;
    SharedItems items({&team, [](Team*) {}},
                      [&](int64_t item, const nlohmann::json& report) { told.emplace_back(item, report["is"]); });
    items.expect_same("5 items");
    int64_t mine = 0;
    for (int64_t item = 4; item >= 0; --item) {
      if (!items.is_mine(item)) continue;
      ++mine;
      items.report(item, {{"is", std::to_string(item) + bytes}});
      items.report(item, {{"is", "again"}});
    }
    EXPECT_EQ(items.sum(mine), 5);
    items.finish();
    if (!items.leads()) {
      EXPECT_TRUE(told.empty());
      return;
    }
    ASSERT_EQ(told.size(), 10);
    for (int64_t i = 0; i < 5; ++i) {
      EXPECT_EQ(told[static_cast<size_t>(2 * i)], std::pair(i, std::to_string(i) + bytes));
      EXPECT_EQ(told[static_cast<size_t>(2 * i + 1)], std::pair(i, std::string("again")));
    }
  });
}

TEST(SharedItemsTest, AnyNumberOfBytesArrives) {
  expect_good(2, [](Team& team) {
    const auto text = [](int64_t rank) { return std::string(rank == 0 ? 3 : (9 << 20) + 1, rank == 0 ? 'a' : 'b'); };
    const auto all = bytes_of_all(team, text(team.rank()));
    if (team.rank() == 0) {
      EXPECT_TRUE(all == (std::vector{text(0), text(1)}));
    } else {
      EXPECT_TRUE(all.empty());
    }
    EXPECT_EQ(bytes_of_all(team, "").size(), team.rank() == 0 ? 2 : 0);
  });
}

TEST(SharedItemsTest, OtherItemsAreRefusedEverywhere) {
  const auto errors = as_team(3, [](Team& team) {
    const SharedItems items({&team, [](Team*) {}}, {});
    items.expect_same(team.rank() == 2 ? "4 items" : "5 items");
  });
  EXPECT_THAT(errors, testing::Each("rank 2: received 4 items, accepted: 5 items, as rank 0 has it"));
}

TEST(SharedItemsTest, OneThatLeavesEndsTheWorkOfTheOthers) {
  const auto errors = as_team(2, [](Team& team) {
    SharedItems items({&team, [](Team*) {}}, {});
    items.expect_same("");
    if (team.rank() == 1) {
      team.leave("the disk is full");
      return;
    }
    while (items.goes_on()) std::this_thread::sleep_for(std::chrono::milliseconds(50));
    items.finish();
  });
  EXPECT_THAT(errors[0], testing::HasSubstr("left: the disk is full"));
  EXPECT_EQ(errors[1], "");
}

}  // namespace
}  // namespace forger
