#include "networks/label_map.h"

#include <gtest/gtest.h>

#include "core/torch.h"

namespace forger {
namespace {

TEST(LabelMapChannelsTest, EachKindHasAChannel) {
  for (const auto type : {at::kFloat, at::kBFloat16}) {  // both tell all levels apart
    const auto numbers = at::arange(256, at::kLong).view({1, 1, 16, 16});
    const auto channels = as_kind_channels((numbers / 127.5 - 1).to(type), 250);
    EXPECT_EQ(channels.sizes(), at::IntArrayRef({1, 250, 16, 16}));
    EXPECT_EQ(channels.sum().item<float>(), 250) << "those beyond have none";
    EXPECT_TRUE(at::equal(channels.flatten(2)[0].narrow(1, 0, 250), at::eye(250, type)));
  }
}

}  // namespace
}  // namespace forger
