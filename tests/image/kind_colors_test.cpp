#include "image/kind_colors.h"

#include <gtest/gtest.h>

#include <set>
#include <tuple>

#include "core/torch.h"
#include "image/grid.h"

namespace forger {
namespace {

TEST(KindColorsTest, AreThoseOfPascalVocAndAllDiffer) {
  const auto maps = to_floats(at::arange(256, at::kByte).view({1, 1, 16, 16}));
  const auto colors = to_bytes(in_kind_colors(maps)).view({3, 256}).to(at::kInt);
  const auto color = [&](int64_t kind) {
    return std::tuple(colors[0][kind].item<int>(), colors[1][kind].item<int>(), colors[2][kind].item<int>());
  };
  // As the development kit of the challenge (2012) lists them: background, aeroplane, bicycle, person, void.
  EXPECT_EQ(color(0), std::tuple(0, 0, 0));
  EXPECT_EQ(color(1), std::tuple(128, 0, 0));
  EXPECT_EQ(color(2), std::tuple(0, 128, 0));
  EXPECT_EQ(color(15), std::tuple(192, 128, 128));
  EXPECT_EQ(color(255), std::tuple(224, 224, 192));
  std::set<std::tuple<int, int, int>> all;
  for (int64_t kind = 0; kind < 256; ++kind) all.insert(color(kind));
  EXPECT_EQ(all.size(), 256u);
}

}  // namespace
}  // namespace forger
