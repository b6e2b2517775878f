#include "image/mask.h"

#include <gmock/gmock.h>

#include <cmath>

#include "core/torch.h"
#include "forger/error.h"
#include "image/golden_pixels.h"
#include "image/png.h"

namespace forger {
namespace {

constexpr int64_t kHeight = 16, kWidth = 24;

/// The area that the masks in golden/ mark: 1 inside.
at::Tensor marked_area() {
  auto area = at::zeros({kHeight, kWidth}, at::kLong);
  area.narrow(0, 3, 9).narrow(1, 5, 4).fill_(1);
  area.narrow(0, 9, 3).narrow(1, 5, 15).fill_(1);
  return area;
}

/// What a PNG of levels `[H, W]` or `[C, H, W]` marks, 0 and 1.
at::Tensor marks_of_png(const at::Tensor& levels) {
  const auto image = levels.dim() == 2 ? levels.unsqueeze(0) : levels;
  return to_tensor(decode_mask(encode_png(image.to(at::kByte)), "mask.png"))[0].to(at::kLong) / 255;
}

at::Tensor marks_of_golden(const std::string& name) {
  return to_tensor(decode_mask(golden_file(name), name))[0].to(at::kLong).floor_divide(255);
}

std::string mask_refusal(const std::string& bytes) {
  try {
    decode_mask(bytes, "its name");
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(MaskTest, FewLevelsMarkWhereTheyAreAboveNothing) {
  const auto area = marked_area(), columns = at::arange(kWidth, at::kLong);
  for (const int64_t level : {1, 2, 127, 255}) EXPECT_TRUE(marks_of_png(area * level).equal(area)) << level;
  EXPECT_TRUE(marks_of_png(area * (columns / 4 + 1)).equal(area));  // numbers of classes
  EXPECT_TRUE(marks_of_png(at::zeros_like(area)).equal(at::zeros_like(area)));
  EXPECT_TRUE(marks_of_png(at::ones_like(area)).equal(at::ones_like(area)));
}

TEST(MaskTest, ManyNumbersAreLevelsToo) {
  // Twenty-four parts of 2 columns each, as a map of instances has them.
  const auto area = at::ones({kHeight, 2 * kWidth}, at::kLong).index_put_({at::indexing::Slice(0, 5)}, 0);
  const auto numbers = at::arange(2 * kWidth, at::kLong).floor_divide(2) * 10 + 1;
  EXPECT_TRUE(marks_of_png(area * numbers).equal(area));
}

TEST(MaskTest, SoftEdgesAreCutAtHalf) {
  const auto ramp = at::arange(256, at::kLong).expand({4, 256});
  EXPECT_TRUE(marks_of_png(ramp).equal((ramp >= 128).to(at::kLong)));
  const auto darker = ramp.narrow(1, 0, 128);  // its brightest level is 127
  EXPECT_TRUE(marks_of_png(darker).equal((darker >= 64).to(at::kLong)));
}

TEST(MaskTest, ColorsCountByTheirLargestChannel) {
  const auto area = marked_area(), none = at::zeros_like(area);
  EXPECT_TRUE(marks_of_png(at::stack({none, none, area * 40})).equal(area));
  EXPECT_TRUE(marks_of_golden("mask_palette.png").equal(area));
}

TEST(MaskTest, WhatIsSeenThroughMarksNothing) {
  const auto area = marked_area(), white = at::full_like(area, 255), black = at::zeros_like(area);
  EXPECT_TRUE(marks_of_png(at::stack({white, white, white, area * 255})).equal(area));
  EXPECT_TRUE(marks_of_png(at::stack({black, black, black, area * 255})).equal(area));  // drawn in black
  EXPECT_TRUE(marks_of_png(at::stack({area * 9, black, black, white})).equal(area));
}

TEST(MaskTest, SixteenBitsKeepTheirLowestLevel) {
  for (const char* name : {"mask16.png", "mask16_numbers.png"})
    EXPECT_TRUE(marks_of_golden(name).equal(marked_area())) << name;
}

TEST(MaskTest, LossyFilesMarkWhereTheyAreNearWhite) {
  for (const char* name : {"mask.jpg", "mask.webp"}) EXPECT_TRUE(marks_of_golden(name).equal(marked_area())) << name;
}

TEST(MaskTest, LevelsThatCannotBeReadAreNamed) {
  const auto area = marked_area();
  EXPECT_THAT(mask_refusal(golden_file("mask_dark.jpg")),
              testing::AllOf(testing::StartsWith("its name: "), testing::HasSubstr("lossy")));
  EXPECT_THAT(mask_refusal(encode_png((area + 1).unsqueeze(0).to(at::kByte))), testing::HasSubstr("levels are 1 to 2"));
  EXPECT_THAT(mask_refusal("BM..."), testing::HasSubstr("a BMP file"));
}

}  // namespace
}  // namespace forger
