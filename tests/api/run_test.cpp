#include "forger/run.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>

#include "core/files.h"
#include "forger/error.h"
#include "referee/verdict.h"
#include "run/journal.h"
#include "run/run_folder.h"
#include "support/temporary_folder.h"

namespace forger {
namespace {

StepReport report_of(int64_t step, double loss) {
  StepReport report;
  report.step = step;
  report.images = 64 * step;
  report.seconds = 0.5 * static_cast<double>(step);
  report.losses = {{"generator", loss}};
  report.real = {.mean = 1, .spread = 2, .p_real = 0.75};
  report.players.push_back({"generator", 1e-4, 3, 4, 5e-3});
  return report;
}

/// A run folder whose steps are written one by one.
class RunReaderTest : public testing::Test {
 protected:
  RunReaderTest() : run_(RunFolder::create(folder_ / "run", Config{})), reader_(run_.path()) {}

  void write(int64_t first, int64_t last, double loss = 0.5) {
    Journal journal(run_.steps(), first - 1);
    for (int64_t step = first; step <= last; ++step) journal.append(to_json(report_of(step, loss)));
  }

  TemporaryFolder folder_;
  RunFolder run_;
  RunReader reader_;
};

TEST_F(RunReaderTest, AStepIsReadAsItWasReported) {
  write(1, 1, std::nan(""));
  const auto part = reader_.steps();
  ASSERT_EQ(part.entries.size(), 1u);
  const auto& report = part.entries[0];
  EXPECT_EQ(report.step, 1);
  EXPECT_EQ(report.images, 64);
  EXPECT_EQ(report.seconds, 0.5);
  EXPECT_TRUE(std::isnan(report.losses.at("generator")));
  EXPECT_EQ(report.real.p_real, 0.75);
  EXPECT_TRUE(std::isnan(report.fake.p_real));
  ASSERT_EQ(report.players.size(), 1u);
  EXPECT_EQ(report.players[0].name, "generator");
  EXPECT_EQ(report.players[0].update_ratio, 5e-3);
  EXPECT_TRUE(report.finite);
}

TEST_F(RunReaderTest, NothingIsReadTwiceAndATornLineWaitsForItsEnd) {
  EXPECT_TRUE(reader_.steps().entries.empty());
  write(1, 3);
  const auto first = reader_.steps({}, 2);
  EXPECT_EQ(first.entries.size(), 2u);
  const auto second = reader_.steps(first.end);
  ASSERT_EQ(second.entries.size(), 1u);
  EXPECT_EQ(second.entries[0].step, 3);
  const auto line = to_json(report_of(4, 0.5)) + "\n";
  AppendFile file(run_.steps());
  file.append(line.substr(0, 20));
  const auto third = reader_.steps(second.end);
  EXPECT_TRUE(third.entries.empty());
  file.append(line.substr(20));
  const auto fourth = reader_.steps(third.end);
  ASSERT_EQ(fourth.entries.size(), 1u);
  EXPECT_EQ(fourth.entries[0].step, 4);
  EXPECT_FALSE(fourth.again);
}

TEST_F(RunReaderTest, AJournalThatWasCutIsReadAgainFromItsBeginning) {
  write(1, 40);
  const auto before = reader_.steps();
  write(31, 33, 0.25);  // shorter than what was read
  const auto shorter = reader_.steps(before.end);
  EXPECT_TRUE(shorter.again);
  EXPECT_EQ(shorter.entries.size(), 33u);
  write(31, 60, 0.75);  // longer, and other lines stand where the reading ended
  const auto longer = reader_.steps(shorter.end);
  EXPECT_TRUE(longer.again);
  ASSERT_EQ(longer.entries.size(), 60u);
  EXPECT_EQ(longer.entries.back().losses.at("generator"), 0.75);
  write(61, 62);
  EXPECT_FALSE(reader_.steps(longer.end).again);
  std::filesystem::remove(run_.steps());
  const auto gone = reader_.steps(longer.end);
  EXPECT_TRUE(gone.again);
  EXPECT_TRUE(gone.entries.empty());
}

TEST_F(RunReaderTest, DamagedLinesAreCountedAndTheOthersRead) {
  write(1, 1);
  AppendFile(run_.steps()).append(std::string("{\"step\": 2}\n\0\xff\n\n", 16));
  AppendFile(run_.steps()).append(to_json(report_of(3, 0.5)) + "\n");
  const auto part = reader_.steps();
  EXPECT_EQ(part.entries.size(), 2u);
  EXPECT_EQ(part.unreadable, 3);
}

TEST_F(RunReaderTest, AVerdictIsReadAsItWasSaid) {
  Verdict said;
  said.step = 7;
  said.state = State::generator_starved;
  said.sentence = "starved";
  said.since_step = 5;
  said.also = {State::stalled};
  said.evidence = {{"auc", 0.5, 0.4, 0.6, std::nan(""), 0.7}, {"kid", 1, std::nan(""), std::nan(""), 0, 0}};
  said.remedies = {{"what", "why", "source", true, {{"generator.learning_rate", "1e-4"}}, false}};
  said.mend = {
      .action = "begun", .attempt = 2, .against = State::stalled, .remedy = said.remedies[0], .back_to_step = 3};
  Journal(run_.verdicts(), 0).append(to_json(said));
  const auto part = reader_.verdicts();
  ASSERT_EQ(part.entries.size(), 1u);
  EXPECT_EQ(to_json(part.entries[0]), to_json(said));
  EXPECT_EQ(part.entries[0].evidence[0].high, 0.6);
}

TEST_F(RunReaderTest, MeasurementsKeepTheirNames) {
  AppendFile(run_.metrics())
      .append(
          R"({"step": 9, "images": 90, "seconds": 1.5, "kid": 0.25, "auc_unseen": null, "updates": {"generator": 2}})"
          "\n");
  const auto part = reader_.measurements();
  ASSERT_EQ(part.entries.size(), 1u);
  EXPECT_EQ(part.entries[0].step, 9);
  const std::map<std::string, double> expected = {{"kid", 0.25}, {"updates.generator", 2}};
  EXPECT_EQ(part.entries[0].values, expected);
}

TEST_F(RunReaderTest, PreviewsComeInOrderAndOtherFilesAreNone) {
  for (const char* name : {"00000200.png", "00000010.png", ".00000300.png.tmp", "notes.png", "00000020.txt"})
    write_file_atomically(run_.previews() / name, "x");
  const auto previews = reader_.previews();
  ASSERT_EQ(previews.size(), 2u);
  EXPECT_EQ(previews[0], std::pair(int64_t{10}, run_.preview(10)));
  EXPECT_EQ(previews[1].first, 200);
  EXPECT_FALSE(reader_.model());
}

TEST_F(RunReaderTest, ItTellsWhetherATrainingIsAliveWithoutHinderingOne) {
  EXPECT_TRUE(reader_.is_training());
  const auto copy = folder_ / "copy";
  std::filesystem::copy(run_.path(), copy, std::filesystem::copy_options::recursive);
  EXPECT_FALSE(RunReader(copy).is_training());
  std::filesystem::remove(copy / ".lock");
  EXPECT_FALSE(RunReader(copy).is_training());
  EXPECT_FALSE(std::filesystem::exists(copy / ".lock"));

  // One that asks all the time, while a training opens the folder again and again.
  const pid_t asker = fork();
  if (asker == 0) {
    for (;;) static_cast<void>(FolderLock::is_held(copy / ".lock"));
  }
  for (int i = 0; i < 200; ++i) EXPECT_NO_THROW(RunFolder::open_to_train(copy));
  kill(asker, SIGKILL);
  waitpid(asker, nullptr, 0);
}

TEST_F(RunReaderTest, AFolderThatIsNoRunIsRefused) {
  EXPECT_THROW(RunReader(folder_.path()), Error);
  std::filesystem::remove_all(run_.path());
  EXPECT_THROW(reader_.steps(), Error);
}

}  // namespace
}  // namespace forger
