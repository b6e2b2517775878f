#include "core/device.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace forger {
namespace {

TEST(DeviceTest, Bfloat16IsNotFastWhereOneDnnMustDoWithoutItsInstructions) {
  ASSERT_EQ(::setenv("ONEDNN_MAX_CPU_ISA", "AVX2", 1), 0);
  EXPECT_FALSE(has_fast_bfloat16(c10::kCPU));
  ASSERT_EQ(::setenv("ONEDNN_MAX_CPU_ISA", "ALL", 1), 0);
  const bool limited_to_all = has_fast_bfloat16(c10::kCPU);
  ASSERT_EQ(::unsetenv("ONEDNN_MAX_CPU_ISA"), 0);
  EXPECT_EQ(limited_to_all, has_fast_bfloat16(c10::kCPU));
}

}  // namespace
}  // namespace forger
