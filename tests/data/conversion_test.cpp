#include "data/conversion.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "data/describe.h"
#include "data/doctor.h"
#include "data/image_folder.h"
#include "data/samples.h"
#include "image/golden_pixels.h"

namespace forger {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr int64_t kSide = 16;

DataOptions options_of(const ImageFolder& folder, const std::string& levels = "keep") {
  DataOptions options;
  options.source = folder.string();
  options.levels = levels;
  options.held_out = 0;
  return options;
}

/// Image `index` of a camera of 12 bits: values from `index` on, all different.
std::vector<uint16_t> deep_values(int index, int step = 10) {
  std::vector<uint16_t> values;
  for (int i = 0; i < kSide * kSide; ++i) values.push_back(static_cast<uint16_t>(index + step * i));
  return values;
}

void write_deep_set(const ImageFolder& folder, int count, int first = 500) {
  for (int i = 0; i < count; ++i) folder.write_deep(fmt::format("deep{}.png", i), kSide, kSide, deep_values(first + i));
}

/// The notes that the doctor, `forger info` and a training give, by subject; all three agree where every image is
/// looked at.
std::map<std::string, std::string> notes_on(const DataOptions& options) {
  std::map<std::string, std::string> notes, others;
  for (const auto& note : check_data(options).conversion) notes[note.subject] = note.text;
  for (const auto& note : conversion_notes(open_data(options), options)) others[note.subject] = note.text;
  EXPECT_EQ(notes, others);
  others.clear();
  for (const auto& note : describe_data(options).conversion) others[note.subject] = note.text;
  EXPECT_EQ(notes, others);
  return notes;
}

std::string error_of(const DataOptions& options) {
  try {
    open_data(options);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(ChooseLevelsTest, StretchTakesTheTrainingImagesOwnRange) {
  const ImageFolder folder;
  write_deep_set(folder, 3);  // 500 to 502 + 2550
  EXPECT_EQ(open_data(options_of(folder)).levels, Levels{});
  const auto data = open_data(options_of(folder, "stretch"));
  EXPECT_EQ(data.levels, (Levels{500, 3052}));
  const auto pixels = data.training->get(0, kFixedDraw).image;
  EXPECT_EQ(pixels.min().item<int>(), 0);
  EXPECT_EQ(pixels[0][kSide - 1][kSide - 1].item<int>(), 255);  // 3050 of 500 to 3052
  EXPECT_EQ(pixels[0][0][1].item<int>(), 1);
}

TEST(ChooseLevelsTest, TheNumbersAreThoseThatAreGivenWhateverTheImages) {
  const ImageFolder folder;
  write_deep_set(folder, 2);
  EXPECT_EQ(open_data(options_of(folder, "[0, 4095]")).levels, (Levels{0, 4095}));
  EXPECT_EQ(open_data(options_of(folder, "[0, 4095]")).training->get(0, kFixedDraw).image[0][0][0].item<int>(),
            31);  // 500 / 4095 * 255
}

TEST(ChooseLevelsTest, ClipLeavesOutAThousandthAtEitherEnd) {
  const ImageFolder folder;
  std::vector<uint16_t> values(kSide * kSide, 1000);
  values[0] = 2000;
  for (int i = 0; i < 4; ++i) folder.write_deep(fmt::format("{}.png", i), kSide, kSide, values);
  values[1] = 65535;  // one of 1280 values
  folder.write_deep("hot.png", kSide, kSide, values);
  EXPECT_EQ(open_data(options_of(folder, "clip")).levels, (Levels{1000, 2000}));
  EXPECT_EQ(open_data(options_of(folder, "stretch")).levels, (Levels{1000, 65535}));
}

TEST(ChooseLevelsTest, HeldOutImagesDoNotCountAndAreConvertedAlike) {
  const ImageFolder folder;
  for (int i = 0; i < 10; ++i) folder.write_deep(fmt::format("{}.png", i), kSide, kSide, deep_values(300 * i));
  auto options = options_of(folder, "stretch");
  options.held_out = 0.2;
  const auto data = open_data(options);
  int64_t low = 65535, high = 0;
  for (int64_t i = 0; i < data.training->size(); ++i) {
    const int64_t first = 300 * std::stoll(data.training->name(i));
    low = std::min(low, first);
    high = std::max(high, first + 2550);
  }
  EXPECT_EQ(data.levels, (Levels{low, high}));
  for (int64_t i = 0; i < data.held_out->size(); ++i) {
    const int64_t first = 300 * std::stoll(data.held_out->name(i));
    EXPECT_EQ(data.held_out->get(i, kFixedDraw).image[0][0][0].item<int>(), data.levels.of(first));
  }
}

TEST(ChooseLevelsTest, TilesAndSamplesAreConvertedAlike) {
  const ImageFolder folder;
  write_deep_set(folder, 2);
  auto options = options_of(folder, "[500, 3050]");
  options.size = {8, 8};
  options.fit = "tiles";
  const auto data = open_data(options);
  const auto last = data.training->get(8, kFixedDraw).image;  // of 3 x 3 tiles
  EXPECT_EQ(last[0][7][7].item<int>(), 255);
  const auto samples = load_samples(folder.string(), 10, data.levels);
  EXPECT_EQ(samples.max().item<float>(), 1);
  EXPECT_EQ(samples.min().item<float>(), -1);
}

TEST(ChooseLevelsTest, WithoutTwoValuesOf16BitsAllAreKept) {
  const ImageFolder folder;
  folder.write_image("8.png", kSide, kSide, 7, 1);
  EXPECT_EQ(open_data(options_of(folder, "stretch")).levels, Levels{});
  folder.write_deep("flat.png", kSide, kSide, std::vector<uint16_t>(kSide * kSide, 300));
  EXPECT_EQ(open_data(options_of(folder, "stretch")).levels, Levels{});
  EXPECT_EQ(open_data(options_of(folder, "clip")).levels, Levels{});
}

TEST(ChooseLevelsTest, UnreadableImagesArePassedOver) {
  const ImageFolder folder;
  write_deep_set(folder, 2);
  const auto whole = read_file(folder / "deep0.png");
  folder.write("cut.png", whole.substr(0, whole.size() / 2));
  EXPECT_EQ(open_data(options_of(folder, "stretch")).levels, (Levels{500, 3051}));
}

TEST(ChooseLevelsTest, OtherWordsAreRefused) {
  const ImageFolder folder;
  write_deep_set(folder, 1);
  EXPECT_THAT(error_of(options_of(folder, "[5, 2]")),
              HasSubstr("data.levels: received \"[5, 2]\", accepted: keep, stretch, clip"));
}

TEST(ConversionNotesTest, SayWhatEightBitsKeepAndWhatKeepsMore) {
  const ImageFolder folder;
  for (int i = 0; i < 10; ++i) folder.write_deep(fmt::format("{}.png", i), kSide, kSide, deep_values(i, 16));
  // 0 to 4089, of which 8 bits make 0 to 16, and stretched 0 to 255.
  EXPECT_EQ(notes_on(options_of(folder)).at("levels"),
            "16-bit images use 0 to 4089 of 65535; 8 bits keep 17 of their 2560 levels: data.levels=stretch keeps 256");
  EXPECT_EQ(notes_on(options_of(folder, "stretch")).at("levels"),
            "16-bit images use 0 to 4089 of 65535; with data.levels=stretch, [0, 4089] here, 8 bits keep 256 of their "
            "2560 levels");
  EXPECT_EQ(notes_on(options_of(folder, "[0, 4095]")).at("levels"),
            "16-bit images use 0 to 4089 of 65535; with data.levels=[0, 4095] 8 bits keep 256 of their 2560 levels");
}

TEST(ConversionNotesTest, CountWhatIsClipped) {
  const ImageFolder folder;
  write_deep_set(folder, 4, 1500);  // to 4050, 4051, 4052, 4053
  std::vector<uint16_t> hot(kSide * kSide, 2000);
  hot[3] = 5000;
  folder.write_deep("hot.png", kSide, kSide, hot);
  EXPECT_THAT(notes_on(options_of(folder, "[0, 4095]")).at("levels"),
              HasSubstr("; 0.078 % of their values, in 1 of 5 images, are beyond and clipped"));  // one of 1280
}

TEST(ConversionNotesTest, PointAtClipWhereAFewPixelsTakeTheRange) {
  const ImageFolder folder;
  for (int i = 0; i < 5; ++i) {
    auto values = deep_values(i);
    if (i == 2) values[7] = 65535;
    folder.write_deep(fmt::format("{}.png", i), kSide, kSide, values);
  }
  EXPECT_THAT(notes_on(options_of(folder)).at("levels"),
              AllOf(HasSubstr("use 0 to 65535 of 65535"),
                    HasSubstr("all but 0.2 % of their values are in 1 to 2554 (data.levels=clip)")));
}

TEST(ConversionNotesTest, SayThatLevelsChangeNothingIn8Bits) {
  const ImageFolder folder;
  for (int i = 0; i < 4; ++i)
    folder.write_image(fmt::format("{}.png", i), kSide, kSide, static_cast<uint8_t>(40 * i), 1);
  EXPECT_TRUE(notes_on(options_of(folder)).empty());
  EXPECT_THAT(notes_on(options_of(folder, "stretch")).at("levels"), HasSubstr("0 of 4 images have 16 bits"));
  write_deep_set(folder, 2);
  EXPECT_THAT(notes_on(options_of(folder, "stretch")).at("depths"),
              HasSubstr("2 of 6 images have 16 bits, the others 8"));
}

TEST(ConversionNotesTest, NameDarkSetsOf8Bits) {
  const ImageFolder folder;
  for (int i = 0; i < 4; ++i) {
    Pixels image(kSide, kSide, 1);
    for (size_t k = 0; k < image.values.size(); ++k) image.values[k] = static_cast<uint8_t>(k % 16);
    if (i == 0) image.values[5] = 255;  // a hot pixel does not make it bright
    folder.write(fmt::format("{}.png", i), encode_png(to_tensor(image)));
  }
  EXPECT_THAT(notes_on(options_of(folder)).at("contrast"),
              HasSubstr("8-bit images use 0 to 15 of 255 only, a contrast of 6 %"));
}

TEST(ConversionNotesTest, NameAlphaAndColoursThatGo) {
  const ImageFolder folder;
  Pixels image(kSide, kSide, 4);
  for (size_t k = 0; k < image.values.size(); ++k) image.values[k] = static_cast<uint8_t>(k * 7);
  folder.write("a.png", encode_png(to_tensor(image)));
  auto options = options_of(folder);
  EXPECT_TRUE(notes_on(options).empty());  // taken with four channels
  options.channels = 3;
  EXPECT_THAT(notes_on(options).at("alpha"),
              HasSubstr("1 of 1 images have see-through parts, which are laid over white"));
  EXPECT_FALSE(notes_on(options).contains("colours"));
  options.channels = 1;
  EXPECT_THAT(notes_on(options).at("colours"), HasSubstr("1 of 1 images are coloured and become grey"));
  for (size_t k = 3; k < image.values.size(); k += 4) image.values[k] = 255;
  for (size_t k = 0; k < image.values.size(); k += 4) image.values[k + 1] = image.values[k + 2] = image.values[k];
  folder.write("a.png", encode_png(to_tensor(image)));
  EXPECT_TRUE(notes_on(options).empty());  // neither says anything
}

TEST(ConversionNotesTest, NameInksFramesAndProfiles) {
  const ImageFolder folder;
  for (const char* name : {"cmyk.jpg", "rgb.jpg"}) folder.write(std::string("large/") + name, golden_file(name));
  EXPECT_THAT(notes_on(options_of(folder)).at("inks"), HasSubstr("1 of 2 images are CMYK"));
  for (const char* name : {"animated.webp", "animated.png", "other_profile.jpg", "srgb_profile.jpg"}) {
    folder.write(std::string("small/") + name, golden_file(name));
  }
  EXPECT_THAT(notes_on(options_of(folder)).at("frames"), HasSubstr("2 of 6 images are animated"));
  EXPECT_THAT(notes_on(options_of(folder)).at("profiles"),
              HasSubstr("1 of 6 images have a colour profile other than sRGB"));
}

TEST(ConversionNotesTest, SayByHowMuchSizesChangeAndWhatIsCutAway) {
  const ImageFolder folder;
  for (int i = 0; i < 2; ++i) folder.write_image(fmt::format("{}.png", i), 300, 600, static_cast<uint8_t>(200 * i));
  auto options = options_of(folder);
  const auto large = notes_on(options);
  EXPECT_THAT(large.at("scale"),
              HasSubstr("images of 300x600 (height x width) come down to 64x64, by 4.7 a side"));  // 300 / 64
  EXPECT_THAT(large.at("edges"), HasSubstr("50 % of images of 300x600 (height x width) are cut away"));
  options.fit = "pad";
  EXPECT_THAT(notes_on(options).at("scale"), HasSubstr("by 9.4 a side"));  // 600 / 64
  EXPECT_FALSE(notes_on(options).contains("edges"));
  options.fit = "tiles";
  EXPECT_FALSE(notes_on(options).contains("scale"));
  options.fit = "crop";
  options.size = {300, 600};
  EXPECT_FALSE(notes_on(options).contains("scale"));

  const ImageFolder tiny;
  tiny.write_image("0.png", 7, 13, 1);
  tiny.write_image("1.png", 7, 13, 200);
  EXPECT_THAT(notes_on(options_of(tiny)).at("scale"),
              HasSubstr("images of 7x13 (height x width) are enlarged to 64x64, by 9.1 a side"));
}

TEST(ConversionNotesTest, AreOfSomeImagesWhereThereAreMany) {
  const ImageFolder folder;
  folder.write_deep("000.png", 2, 2, {0, 0, 0, 4000});
  for (int i = 1; i < 300; ++i)
    std::filesystem::create_hard_link(folder / "000.png", folder / fmt::format("{:03}.png", i));
  auto options = options_of(folder, "[0, 3000]");
  options.size = {2, 2};
  EXPECT_THAT(conversion_notes(open_data(options), options).at(0).text, HasSubstr("in 256 of 256 images looked at"));
  EXPECT_THAT(check_data(options).conversion.at(0).text, HasSubstr("in 300 of 300 images, are beyond"));
}

TEST(ConversionNotesTest, PointsHaveNone) {
  DataOptions options;
  options.source = "synthetic:ring8";
  options.levels = "stretch";
  const auto data = open_data(options);
  EXPECT_EQ(data.levels, Levels{});
  EXPECT_TRUE(conversion_notes(data, options).empty());
}

}  // namespace
}  // namespace forger
