#include "data/doctor.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "data/image_folder.h"
#include "image/golden_pixels.h"
#include "support/zip_file.h"

namespace forger {
namespace {

using Names = std::vector<std::string>;

Names names(const std::vector<ImageFinding>& findings) {
  Names result;
  for (const auto& finding : findings) result.push_back(finding.name);
  return result;
}

DoctorReport check(const std::string& source) {
  DataOptions options;
  options.source = source;
  return check_data(options);
}

TEST(DoctorTest, FindsEveryKindOfTrouble) {
  const ImageFolder folder;
  for (int i = 0; i < 20; ++i) folder.write_image(fmt::format("a/{:02}.png", i), 24, 40, static_cast<uint8_t>(3 * i));
  folder.write("b/16.png", golden_file("grey16.png"));
  folder.write("b/alpha.png", golden_file("rgba.png"));
  folder.write("b/animated.webp", golden_file("animated.webp"));
  folder.write("b/bomb.png", golden_file("bomb.png"));
  folder.write("b/cmyk.jpg", golden_file("cmyk.jpg"));
  folder.write("b/cut.jpg", golden_file("rgb.jpg").substr(0, 600));
  folder.write("b/empty.png", "");
  folder.write("b/gif.png", golden_file("gif_named.png"));
  folder.write("b/lying.png", golden_file("rgb.jpg"));
  folder.write("b/notes.txt", "x");
  folder.write("b/turned.jpg", golden_file("exif_6.jpg"));
  folder.write("b/twin.png", read_file(folder / "a/00.png"));
  Pixels flat(24, 40, 3);
  folder.write("b/flat.png", encode_png(to_tensor(flat)));

  const DoctorReport report = check(folder.string());
  EXPECT_EQ(report.images, 32);
  EXPECT_EQ(names(report.unreadable), (Names{"b/bomb.png", "b/cut.jpg", "b/empty.png", "b/gif.png"}));
  EXPECT_EQ(report.unreadable[2].detail, "empty file");
  EXPECT_EQ(names(report.wrong_extension), (Names{"b/lying.png"}));
  EXPECT_EQ(report.wrong_extension[0].detail, "is JPEG");
  EXPECT_EQ(names(report.sixteen_bit), (Names{"b/16.png"}));
  EXPECT_EQ(names(report.alpha), (Names{"b/alpha.png"}));
  EXPECT_EQ(names(report.animated), (Names{"b/animated.webp"}));
  EXPECT_EQ(names(report.rotated), (Names{"b/turned.jpg"}));
  EXPECT_EQ(names(report.near_constant), (Names{"b/flat.png"}));
  EXPECT_EQ(names(report.other_modes), (Names{"b/16.png", "b/alpha.png", "b/cmyk.jpg"}));
  EXPECT_EQ(names(report.odd_sizes), (Names{"b/16.png", "b/alpha.png", "b/animated.webp"}));  // tiny ones
  EXPECT_EQ(report.duplicates, (std::vector<Names>{{"a/00.png", "b/twin.png"}}));
  EXPECT_EQ(report.sizes.at("40 x 24"), 24);
  EXPECT_EQ(report.modes.at("CMYK"), 1);
  EXPECT_EQ(report.classes, (std::vector<std::pair<std::string, int64_t>>{{"a", 20}, {"b", 12}}));
  EXPECT_EQ(report.ignored.at(".txt"), 1);
}

TEST(DoctorTest, SizesOtherThanNearlyAllOthersAreOdd) {
  const ImageFolder folder;
  for (int i = 0; i < 20; ++i) folder.write_image(fmt::format("{:02}.png", i), 24, 40, static_cast<uint8_t>(i));
  folder.write_image("other.png", 25, 40, 1);
  folder.write_image("long.png", 20, 100, 1);
  EXPECT_EQ(names(check(folder.string()).odd_sizes), (Names{"long.png", "other.png"}));
}

TEST(DoctorTest, DamagedAndIncompleteContainersAreNamed) {
  const ImageFolder folder;
  folder.write_image("img.png", 20, 20, 1);
  const std::string zip = zip_file({{"0.png", read_file(folder / "img.png")}});
  folder.write("whole.zip", zip);
  folder.write("cut.zip", zip.substr(0, zip.size() - 1));
  folder.write("joined.zip", zip + zip);
  EXPECT_TRUE(check(folder / "whole.zip").damaged.empty());
  const auto cut = check(folder / "cut.zip");
  ASSERT_EQ(cut.damaged.size(), 1U);
  EXPECT_TRUE(cut.damaged[0].starts_with((folder / "cut.zip").string() + ": cut short"));
  EXPECT_EQ(cut.images, 0);
  const auto joined = check(folder / "joined.zip");
  EXPECT_EQ(joined.damaged.size(), 1U);
  EXPECT_EQ(joined.images, 1);
}

TEST(DoctorTest, SyntheticSetsAreSound) {
  const DoctorReport points = check("synthetic:ring8");
  EXPECT_EQ(points.images, 50'000);
  EXPECT_EQ(points.classes.size(), 8U);
  EXPECT_TRUE(points.unreadable.empty());
}

}  // namespace
}  // namespace forger
