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
  { Journal journal(path, 5); }
  EXPECT_EQ(nlohmann::json::parse(last_line(path).value())["step"], 5);
  Journal journal(path, 3);
  journal.append(to_json(some_report(4)));
  EXPECT_EQ(nlohmann::json::parse(last_line(path).value())["step"], 4);
  EXPECT_EQ(std::ranges::count(read_file(path), '\n'), 4);
}

TEST(JournalTest, AMissingFileHasNoLastLine) {
  const TemporaryFolder folder;
  EXPECT_FALSE(last_line(folder / "steps.jsonl").has_value());
}

}  // namespace
}  // namespace forger
