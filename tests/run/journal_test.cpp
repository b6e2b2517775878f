#include "run/journal.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include "support/temporary_folder.h"

namespace forger {
namespace {

StepReport some_report(int64_t step) {
  StepReport report;
  report.step = step;
  report.losses = {{"generator", 0.5}, {"discriminator", std::numeric_limits<double>::infinity()}};
  report.real.mean = 2;
  report.players.push_back({"generator", 1e-4, 3, 4, 5e-3});
  return report;
}

TEST(JournalTest, ALineHoldsTheReportAndWritesWhatIsNotFiniteAsNull) {
  const auto json = nlohmann::json::parse(to_json(some_report(7)));
  EXPECT_EQ(json["step"], 7);
  EXPECT_EQ(json["losses"]["generator"], 0.5);
  EXPECT_TRUE(json["losses"]["discriminator"].is_null());
  EXPECT_EQ(json["logits"]["real"]["mean"], 2);
  EXPECT_TRUE(json["logits"]["real"]["p_real"].is_null());
  EXPECT_EQ(json["players"]["generator"]["update_ratio"], 5e-3);
  EXPECT_EQ(json["finite"], true);
}

TEST(JournalTest, LinesAfterTheCheckpointAndATornLineAreCutOff) {
  const TemporaryFolder folder;
  const auto path = folder / "steps.jsonl";
  {
    Journal journal(path, 0);
    for (int64_t step = 1; step <= 5; ++step) journal.append(to_json(some_report(step)));
  }
  AppendFile(path).append("{\"step\": 6, \"ima");
  {
    Journal journal(path, 5);
  }
  EXPECT_EQ(nlohmann::json::parse(last_line(path).value())["step"], 5);
  Journal journal(path, 3);
  journal.append(to_json(some_report(4)));
  EXPECT_EQ(nlohmann::json::parse(last_line(path).value())["step"], 4);
  EXPECT_EQ(std::ranges::count(read_file(path), '\n'), 4);
}

TEST(JournalTest, ALongJournalIsCutAtTheSamePlaces) {
  const TemporaryFolder folder;
  const auto path = folder / "steps.jsonl";
  constexpr int64_t kSteps = 3000;  // some blocks of what is read at a time
  std::vector<size_t> ends = {0};
  {
    Journal journal(path, 0);
    for (int64_t step = 1; step <= kSteps; ++step) {
      journal.append(to_json(some_report(step)));
      ends.push_back(ends.back() + to_json(some_report(step)).size() + 1);
    }
  }
  for (const int64_t last : {kSteps, int64_t{2999}, int64_t{1500}, int64_t{17}, int64_t{1}, int64_t{0}}) {
    truncate_journal(path, last);
    EXPECT_EQ(std::filesystem::file_size(path), ends[static_cast<size_t>(last)]);
    EXPECT_EQ(last_line(path).value_or(""), last > 0 ? to_json(some_report(last)) : "");
  }
}

TEST(JournalTest, AFileOfOneTornLineHasNoLine) {
  const TemporaryFolder folder;
  const auto path = folder / "steps.jsonl";
  AppendFile(path).append(std::string(100'000, 'x'));
  EXPECT_FALSE(last_line(path).has_value());
  truncate_journal(path, 9);
  EXPECT_EQ(std::filesystem::file_size(path), 0u);
}

TEST(JournalTest, AMissingFileHasNoLastLine) {
  const TemporaryFolder folder;
  EXPECT_FALSE(last_line(folder / "steps.jsonl").has_value());
}

}  // namespace
}  // namespace forger
