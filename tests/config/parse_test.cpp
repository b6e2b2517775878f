#include "config/parse.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "forger/error.h"

namespace forger {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

/// The message with which the text is refused, or "" when it is accepted.
std::string refusal(const std::string& toml) {
  try {
    parse_config(toml, "recipe.toml", "recipe");
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

TEST(ParseTest, KeysThatAreLeftOutKeepTheirDefaults) {
  const Config config = parse_config("[objective]\nname = \"hinge\"\n", "recipe.toml", "mine");
  Config expected;
  expected.recipe = "mine";
  expected.objective.name = "hinge";
  EXPECT_EQ(config, expected);
}

TEST(ParseTest, EveryKindOfValueIsRead) {
  const Config config = parse_config(
      "recipe = \"other\"\n[data]\nsize = [32, 48]\nclasses = [3, 1]\nflip = true\nmax_bad = 0.5\n"
      "[training]\nseed = 9007199254740991\nminutes = 10\nsteps = 1_000\n",
      "recipe.toml", "mine");
  EXPECT_EQ(config.recipe, "other");
  EXPECT_EQ(config.data.size, (std::vector<int64_t>{32, 48}));
  EXPECT_EQ(config.data.classes, (std::vector<int64_t>{3, 1}));
  EXPECT_TRUE(config.data.flip);
  EXPECT_EQ(config.data.max_bad, 0.5);
  EXPECT_EQ(config.training.seed, 9007199254740991u);
  EXPECT_EQ(config.training.minutes, 10.0);
  EXPECT_EQ(config.training.steps, 1000);
}

TEST(ParseTest, OneNumberIsASquare) {
  EXPECT_EQ(parse_config("data.size = 32", "", "x").data.size, (std::vector<int64_t>{32, 32}));
  EXPECT_EQ(parse_config("data.size = [32]", "", "x").data.size, (std::vector<int64_t>{32, 32}));
}

TEST(ParseTest, WrongWordIsRefusedWithLineKeyAndNearestWord) {
  EXPECT_EQ(
      refusal("\n\n[objective]\n\nname = \"wgan_gp\"\n"),
      "recipe.toml:5: objective.name: received \"wgan_gp\", accepted: minimax, non-saturating, density-ratio, "
      "least-squares, "
      "wasserstein, wasserstein-gp, hinge, relativistic, relativistic-average (did you mean \"wasserstein-gp\"?)");
}

TEST(ParseTest, NamesThatOthersUseSuggestOurs) {
  EXPECT_THAT(refusal("objective.name = \"wgan\""), HasSubstr("did you mean \"wasserstein\"?"));
  EXPECT_THAT(refusal("objective.name = \"lsgan\""), HasSubstr("did you mean \"least-squares\"?"));
  EXPECT_THAT(refusal("objective.name = \"hing\""), HasSubstr("did you mean \"hinge\"?"));
  EXPECT_THAT(refusal("training.precision = \"fp32\""), HasSubstr("did you mean \"float32\"?"));
}

TEST(ParseTest, UnknownKeySuggestsTheNearest) {
  EXPECT_EQ(refusal("[training]\nbatchsize = 3"),
            "recipe.toml:2: training.batchsize: unknown key (did you mean \"training.batch_size\"?)");
  EXPECT_THAT(refusal("[training]\nlearning_rate = 3"),
              HasSubstr("\"generator.learning_rate\" or \"discriminator.learning_rate\""));
  EXPECT_THAT(refusal("[training.batch_size]\nx = 1"),
              HasSubstr("training.batch_size: received a table, accepted: a whole number from 1"));
}

TEST(ParseTest, UnknownTableSuggestsTheNearest) {
  EXPECT_THAT(refusal("[trainig]\nsteps = 3"),
              AllOf(StartsWith("recipe.toml:1: trainig: unknown table"), HasSubstr("did you mean \"training\"?")));
  EXPECT_THAT(refusal("data = 3"), HasSubstr("received one value, accepted: a table [data]"));
}

TEST(ParseTest, WrongTypeNamesBoth) {
  EXPECT_EQ(refusal("[training]\nbatch_size = \"many\""),
            "recipe.toml:2: training.batch_size: received \"many\", accepted: a whole number from 1 to 65536");
  EXPECT_THAT(refusal("training.batch_size = 64.0"), HasSubstr("received 64.0, accepted: a whole number"));
  EXPECT_THAT(refusal("data.flip = 1"), HasSubstr("received 1, accepted: true, false"));
  EXPECT_THAT(refusal("data.size = [\"a\"]"), HasSubstr("received a list that holds more than whole numbers"));
  EXPECT_THAT(refusal("recipe = 2020-01-01"), HasSubstr("received a date or time"));
}

TEST(ParseTest, ValuesOutOfRangeAreRefused) {
  for (const char* toml : {"training.batch_size = 0",
                           "generator.learning_rate = 0.0",
                           "generator.learning_rate = nan",
                           "generator.learning_rate = inf",
                           "data.size = [30000, 30000]",
                           "data.size = 0",
                           "data.size = [1, 2, 3]",
                           "data.classes = [-1]",
                           "data.classes = [1, 1]",
                           "data.held_out = 1.0",
                           "data.max_bad = 1.5",
                           "generator.ema = 1",
                           "training.seed = -1",
                           "training.seed = 9007199254740992",
                           "data.cache = \"much\"",
                           "training.device = \"tpu\"",
                           "training.device = \"cuda:\"",
                           "recipe = \"a/b\"",
                           "recipe = \"\"",
                           "data.channels = 5"}) {
    EXPECT_THAT(refusal(toml), AllOf(StartsWith("recipe.toml:1: "), HasSubstr("accepted: "))) << toml;
  }
}

TEST(ParseTest, TheFirstErrorOfTheFileIsReported) {
  EXPECT_THAT(refusal("[training]\nsteps = -1\n[data]\nflip = 3"), StartsWith("recipe.toml:2: training.steps"));
}

TEST(ParseTest, TextsMayHoldEveryCharacter) {
  for (const char* text : {"größe", "/Qual/Q51/QQ", "😀", "\u02c2", "a Q"}) {
    EXPECT_EQ(parse_config(fmt::format("# {0}\ndata.source = \"{0}\"", text), "", "x").data.source, text);
    EXPECT_EQ(parse_config(fmt::format("data.source = '{}'", text), "", "x").data.source, text);
    EXPECT_EQ(parse_config(fmt::format("data.source = \"\"\"\\\n {}\"\"\"", text), "", "x").data.source, text);
  }
  EXPECT_EQ(parse_config("data.source = \"\\u00e4\"", "", "x").data.source, "ä");
  EXPECT_EQ(parse_config("data.source = \"\\u0051C3Q\\U00000051 ä\"", "", "x").data.source, "QC3QQ ä");
  EXPECT_EQ(parse_config("data.source = '\\u0051C3 ä'", "", "x").data.source, "\\u0051C3 ä");
  EXPECT_THAT(refusal("[data]\n\"größe\" = 3"), StartsWith("recipe.toml:2: data.größe: unknown key"));
}

TEST(ParseTest, BrokenTomlIsRefusedWithItsLine) {
  EXPECT_THAT(refusal("[data]\nflip = tru\n"), StartsWith("recipe.toml:2: "));
  EXPECT_THAT(refusal("[data]\nflip = true\nflip = true\n"), StartsWith("recipe.toml:3: "));
  EXPECT_THAT(refusal("a = " + std::string(100000, '[')), StartsWith("recipe.toml:1: "));
  EXPECT_EQ(refusal("a = \"\xff\""), "recipe.toml: received bytes that are no UTF-8, accepted: TOML");
  EXPECT_THAT(refusal("[&"), StartsWith("recipe.toml"));
  EXPECT_THAT(refusal("generator.learning_rate = 1e-\u02c2\n"), StartsWith("recipe.toml:1: "));
}

TEST(ParseTest, MessagesAreOneLineWhateverTheFileHolds) {
  const std::string message = refusal("objective.name = \"\"\"a\nb" + std::string(1000, 'x') + "\"\"\"");
  EXPECT_EQ(message.find('\n'), std::string::npos);
  EXPECT_LT(message.size(), 400u);
}

TEST(FromFileTest, TheRecipeIsNamedAfterTheFile) {
  const auto path = std::filesystem::path(testing::TempDir()) / "my-recipe.toml";
  std::ofstream(path) << "[training]\nsteps = 7\n";
  EXPECT_EQ(Config::from_file(path).recipe, "my-recipe");
  EXPECT_EQ(Config::from_file(path).training.steps, 7);
}

TEST(FromFileTest, MissingFileAndFolderAreErrors) {
  EXPECT_THROW(Config::from_file("/nowhere/recipe.toml"), Error);
  EXPECT_THROW(Config::from_file(testing::TempDir()), Error);
}

}  // namespace
}  // namespace forger
