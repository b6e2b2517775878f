#include "api/inspector.h"

#include <gmock/gmock.h>

#include <optional>

#include "core/random.h"
#include "forger/training.h"
#include "support/temporary_folder.h"

namespace forger {
namespace {

constexpr int64_t kSide = 16;

/// A model whose detector has seen too little to be of use; trained once.
const Model& small_detector() {
  static const TemporaryFolder folder;
  static std::optional<Model> model;
  if (model) return *model;
  Config config = Config::from_recipe("detect");
  config.data.source = "synthetic:shapes";
  config.data.size = {kSide, kSide};
  config.data.channels = 3;
  config.generator.width = config.encoder.width = config.discriminator.width = 4;
  config.detector.normals = 60;
  config.data.held_out = 0.005;
  config.training.batch_size = 8;
  config.training.steps = 2;
  config.training.tensorboard = false;
  train(config, folder / "run");
  return model.emplace(Model::load(folder / "run"));
}

/// Noise that counts how many of its rows were read, and fails at one of them.
class NoiseRows : public RowReader {
 public:
  NoiseRows(int64_t height, int64_t width, int64_t fails_at = -1)
      : RowReader("noise", height, width, 3), fails_at_(fails_at) {}
  int64_t read_rows = 0;

 protected:
  void read_next(uint8_t* rows, int64_t count) override {
    for (int64_t i = 0; i < count * width() * channels(); ++i)
      *rows++ = static_cast<uint8_t>(next_ = next_ * 75 % 65537);
    read_rows += count;
    if (fails_at_ >= 0 && read_rows > fails_at_) throw Error("cut short");
  }

 private:
  int64_t fails_at_;
  uint64_t next_ = 1;
};

struct Told {
  int64_t rows = 0, most_behind = 0;
  double score = 0;
  int done = 0;
};

class Listener : public Inspector::Reporter {
 public:
  Listener(Told& told, const NoiseRows& rows) : told_(told), rows_(rows) {}
  void row(const uint8_t*, const float* map) override {
    EXPECT_TRUE(std::isfinite(map[0]) && std::isfinite(map[rows_.width() - 1]));
    told_.most_behind = std::max(told_.most_behind, rows_.read_rows - told_.rows++);
  }
  void done(double score, double) override {
    told_.score = score;
    ++told_.done;
  }

 private:
  Told& told_;
  const NoiseRows& rows_;
};

TEST(InspectorTest, HoldsNoMoreOfALargeImageThanTheRowsOfSomeTiles) {
  const Model& model = small_detector();
  Inspector inspector(model);
  NoiseRows rows(1000, 70);
  Told told;
  inspector.add(rows, std::make_unique<Listener>(told, rows));
  inspector.finish();
  EXPECT_EQ(told.done, 1);
  EXPECT_EQ(told.rows, 1000);
  // 64 tiles are looked at together, eight in a row of tiles, every eight pixels.
  EXPECT_LE(told.most_behind, 2 * kSide + 64 / 8 * kSide / 2);
}

TEST(InspectorTest, AnImageThatCannotBeReadToItsEndLeavesTheOthersAsTheyAre) {
  const Model& model = small_detector();
  const auto score_of = [&](bool with_a_damaged_one) {
    Inspector inspector(model);
    NoiseRows first(40, 40), damaged(400, 40, 300), last(kSide, kSide);
    Told of_first, of_damaged, of_last;
    inspector.add(first, std::make_unique<Listener>(of_first, first));
    if (with_a_damaged_one) {
      EXPECT_THROW(inspector.add(damaged, std::make_unique<Listener>(of_damaged, damaged)), ImageError);
    }
    inspector.add(last, std::make_unique<Listener>(of_last, last));
    inspector.finish();
    EXPECT_EQ(of_first.done, 1);
    EXPECT_EQ(of_damaged.done, 0);
    EXPECT_EQ(of_last.done, 1);
    return std::pair(of_first.score, of_last.score);
  };
  const auto alone = score_of(false), beside = score_of(true);
  EXPECT_NEAR(alone.first, beside.first, 1e-4);
  EXPECT_NEAR(alone.second, beside.second, 1e-4);
}

}  // namespace
}  // namespace forger
