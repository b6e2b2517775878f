#include <gtest/gtest.h>

#include "core/files.h"
#include "forger/config.h"
#include "forger/training.h"
#include "support/temporary_folder.h"

namespace forger {
namespace {

TEST(DefaultRecipeTest, PointsAndImagesGetNetworksThatTakeThem) {
  for (const char* source : {"synthetic:ring8", "synthetic:grid25", "synthetic:shapes"}) {
    const TemporaryFolder folder;
    Config config = Config::from_recipe(default_recipe(source));
    config.data.source = source;
    config.training.steps = 2;
    EXPECT_EQ(train(config, folder / "run").end, TrainingEnd::finished) << source;
  }
  EXPECT_EQ(default_recipe("photos"), "fast");
}

TEST(DefaultRecipeTest, FoldersWithImagesOfEqualNamesArePairs) {
  const TemporaryFolder folder;
  for (const char* side : {"A", "B"}) {
    make_folder(folder / side);
    write_file_atomically(folder / side / "1.png", "by its name alone");
  }
  EXPECT_EQ(default_recipe(folder.path().string()), "pix2pix");
}

}  // namespace
}  // namespace forger
