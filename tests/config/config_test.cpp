#include "forger/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <cmath>

#include "config/game_table.h"
#include "config/parse.h"
#include "config/schema.h"
#include "forger/error.h"

namespace forger {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

template <class Call>
std::string refusal_of(Call call) {
  try {
    call();
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

std::string set_refusal(const std::string& key, const std::string& value) {
  const Config untouched;
  Config config;
  const std::string message = refusal_of([&] { config.set(key, value); });
  EXPECT_TRUE(config == untouched) << "a refused value must change nothing";
  return message;
}

TEST(SetTest, TakesValuesAsTheyAreTypedInAShell) {
  Config config;
  config.set("data.size", "[32,48]");
  EXPECT_EQ(config.data.size, (std::vector<int64_t>{32, 48}));
  config.set("data.size", "32");
  EXPECT_EQ(config.data.size, (std::vector<int64_t>{32, 32}));
  config.set("data.size", "16, 24");
  EXPECT_EQ(config.data.size, (std::vector<int64_t>{16, 24}));
  config.set("data.size", "[]");
  EXPECT_TRUE(config.data.size.empty());
  config.set("data.classes", "[3]");
  EXPECT_EQ(config.data.classes, (std::vector<int64_t>{3}));
  config.set("training.precision", "float32");
  EXPECT_EQ(config.training.precision, "float32");
  config.set("objective.name", "\"hinge\"");
  EXPECT_EQ(config.objective.name, "hinge");
  config.set("data.flip", "true");
  EXPECT_TRUE(config.data.flip);
  config.set("generator.learning_rate", "1e-4");
  EXPECT_EQ(config.generator.learning_rate, 1e-4);
  config.set("training.minutes", "10");
  EXPECT_EQ(config.training.minutes, 10);
  config.set("data.source", "/data/with space");
  EXPECT_EQ(config.data.source, "/data/with space");
}

TEST(SetTest, LevelsAreAWordOrTwoNumbers) {
  Config config;
  for (const char* word : {"stretch", "\"clip\"", "keep"}) config.set("data.levels", word);
  EXPECT_EQ(config.data.levels, "keep");
  EXPECT_THAT(config.to_toml(), HasSubstr("\nlevels = \"keep\"\n"));
  for (const char* typed : {"[0,4095]", "[0, 4095]", "0,4095", " [ 0 , 4095 ] "}) {
    config.set("data.levels", "keep");
    config.set("data.levels", typed);
    EXPECT_EQ(config.data.levels, "[0, 4095]") << typed;
  }
  const auto toml = config.to_toml();
  EXPECT_THAT(toml, HasSubstr("\nlevels = [0, 4095]\n"));
  EXPECT_TRUE(parse_config(toml, "config.toml", config.recipe) == config);
  EXPECT_EQ(parse_config("[data]\nlevels = \"[7, 9]\"\n", "x", "x").data.levels, "[7, 9]");
  config.check();
  config.data.levels = "[9, 7]";
  EXPECT_THROW(config.check(), Error);
}

TEST(SetTest, RefusesLevelsThatAreNone) {
  EXPECT_EQ(
      set_refusal("data.levels", "[0, 65536]"),
      "data.levels: received [0, 65536], accepted: keep, stretch, clip, or [low, high] such as [0, 4095], within 0 to "
      "65535");
  for (const char* wrong : {"4095", "[4095, 0]", "[3, 3]", "[0, 1, 2]", "[-5, 9]", "[]", "", "12bit"}) {
    EXPECT_THAT(set_refusal("data.levels", wrong), StartsWith("data.levels: received ")) << wrong;
  }
  EXPECT_THAT(set_refusal("data.levels", "strech"), HasSubstr("(did you mean \"stretch\"?)"));
  EXPECT_THAT(set_refusal("data.levels", "percentile"), HasSubstr("(did you mean \"clip\"?)"));
}

TEST(SetTest, RefusesAnUnknownKeyAndNamesTheNearest) {
  EXPECT_EQ(
      set_refusal("learning_rate", "1"),
      "learning_rate: unknown key (did you mean \"generator.learning_rate\" or \"discriminator.learning_rate\" or "
      "\"encoder.learning_rate\" or \"code_discriminator.learning_rate\" or \"pixel_discriminator.learning_rate\" or "
      "\"upscaler.learning_rate\" or \"translator.learning_rate\"?)");
  EXPECT_EQ(set_refusal("training.batchsize", "1"),
            "training.batchsize: unknown key (did you mean \"training.batch_size\"?)");
  EXPECT_EQ(set_refusal("batch_size", "1"), "batch_size: unknown key (did you mean \"training.batch_size\"?)");
  EXPECT_EQ(set_refusal("batch_sise", "1"), "batch_sise: unknown key (did you mean \"training.batch_size\"?)");
  EXPECT_EQ(set_refusal("qqqqqqqqqqqqqqqqqqqqqqqqq", "1"), "qqqqqqqqqqqqqqqqqqqqqqqqq: unknown key");
}

TEST(SetTest, RefusesAnImpossibleValue) {
  EXPECT_EQ(set_refusal("training.steps", "many"),
            "training.steps: received \"many\", accepted: a whole number from 0 to 1000000000000");
  EXPECT_EQ(set_refusal("generator.learning_rate", "0"),
            "generator.learning_rate: received 0, accepted: a number above 0 and at most 10");
  for (const auto& [key, value] :
       std::vector<std::pair<std::string, std::string>>{{"data.size", "[32,"},
                                                        {"data.size", "32x32"},
                                                        {"data.size", "1,2,3"},
                                                        {"data.flip", "yes"},
                                                        {"training.steps", "1.5"},
                                                        {"training.steps", ""},
                                                        {"training.steps", "99999999999999999999"},
                                                        {"generator.learning_rate", "nan"},
                                                        {"generator.learning_rate", "1e999"},
                                                        {"training.seed", "-1"},
                                                        {"data.source", "\xff\xfe"},
                                                        {"data.cache", "-1GiB"}}) {
    EXPECT_THAT(set_refusal(key, value), AllOf(StartsWith(key + ": received"), HasSubstr("accepted: "))) << value;
  }
}

/// A value that the option accepts, in the place where it lies.
void set_randomly(const Option& option, Config& config) {
  const Accepted& accepted = option.accepted;
  const auto whole = [&] {
    return *rc::gen::inRange<int64_t>(static_cast<int64_t>(accepted.least), static_cast<int64_t>(accepted.most) + 1);
  };
  std::visit(
      [&](auto* place) {
        using Known = std::remove_pointer_t<decltype(place)>;
        if constexpr (std::is_same_v<Known, bool>) *place = *rc::gen::arbitrary<bool>();
        if constexpr (std::is_same_v<Known, int64_t>) *place = whole();
        if constexpr (std::is_same_v<Known, uint64_t>) *place = static_cast<uint64_t>(whole());
        if constexpr (std::is_same_v<Known, double>) {
          const double share = static_cast<double>(*rc::gen::inRange<int64_t>(1, int64_t{1} << 53)) / std::ldexp(1, 53);
          *place = accepted.least + share * (accepted.most - accepted.least);
        }
        if constexpr (std::is_same_v<Known, std::vector<int64_t>>) {
          if (option.key == "data.size") {
            *place = *rc::gen::element(std::vector<int64_t>{}, std::vector<int64_t>{32, 48});
          } else {
            *place = *rc::gen::unique<std::vector<int64_t>>(rc::gen::inRange<int64_t>(0, 1000));
          }
        }
        if constexpr (std::is_same_v<Known, std::string>) {
          if (!accepted.words.empty()) {
            *place = *rc::gen::elementOf(accepted.words);
          } else if (option.key == "data.source") {
            *place = *rc::gen::container<std::string>(
                rc::gen::map(rc::gen::inRange(1, 128), [](int c) { return static_cast<char>(c); }));
            *place +=
                *rc::gen::element<std::string>("", "ä", "\"", "\\", "\n", "\r\n", "\t", "'''", "\"\"\"", "#", "😀");
          } else if (option.key == "training.device") {
            *place = *rc::gen::element<std::string>("auto", "cpu", "cuda", "cuda:1");
          } else if (option.key == "data.cache") {
            *place = *rc::gen::element<std::string>("0", "512MiB", "2.5 GB");
          } else {
            *place = *rc::gen::element<std::string>("custom", "my \"recipe\"", "ä b");
          }
        }
      },
      option.place(config));
}

RC_GTEST_PROP(ToTomlTest, RoundTripsEveryValueExactly, ()) {
  Config config;
  for (const auto& option : options()) set_randomly(option, config);
  const Config back = parse_config(config.to_toml(), "config.toml", "file-name");
  RC_ASSERT(back == config);
}

TEST(ToTomlTest, WritesEveryKeyOnceWithItsExplanation) {
  Config config;
  std::string toml;
  for (const auto& game : game_names()) {
    config.game = game;
    toml += config.to_toml();
  }
  for (const auto& option : options()) {
    const std::string line = "# " + option.explanation;
    EXPECT_THAT(toml, HasSubstr(line));
    EXPECT_EQ(option.explanation.find('\n'), std::string::npos) << option.key;
    EXPECT_EQ(option.explanation.back(), '.') << option.key;
  }
}

TEST(ToTomlTest, LeavesOutWhatOnlyAnotherGameReadsUnlessItWasSet) {
  Config config;
  EXPECT_THAT(config.to_toml(), testing::Not(HasSubstr("[encoder]")));
  config.encoder.width = 17;
  EXPECT_THAT(config.to_toml(), AllOf(HasSubstr("width = 17"), testing::Not(HasSubstr("[autoencoding]"))));
}

TEST(SchemaTest, EveryDefaultIsAccepted) {
  const Config config;
  EXPECT_EQ(refusal_of([&] { config.check(); }), "");
}

TEST(SchemaTest, EveryKeyHasAPlaceOfItsOwn) {
  Config config;
  std::set<const void*> places;
  std::set<std::string> keys;
  for (const auto& option : options()) {
    std::visit([&](const auto* place) { EXPECT_TRUE(places.insert(place).second) << option.key; },
               option.place(config));
    EXPECT_TRUE(keys.insert(option.key).second) << option.key;
    EXPECT_EQ(find_option(option.key), &option);
  }
  EXPECT_EQ(find_option("data"), nullptr);
  EXPECT_EQ(find_option(""), nullptr);
}

}  // namespace
}  // namespace forger
