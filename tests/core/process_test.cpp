#include "core/process.h"

#include <gtest/gtest.h>

#include "core/memory.h"
#include "core/torch.h"
#include "forger/error.h"

namespace forger {
namespace {

TEST(ProcessTest, IsFedAndRead) {
  Process process({"tr", "a-z", "A-Z"});
  EXPECT_TRUE(process.write("abc"));
  process.close_input();
  char got[8] = {};
  EXPECT_EQ(process.read(got, sizeof got), 3U);
  EXPECT_EQ(std::string(got), "ABC");
  EXPECT_EQ(process.wait(), 0);
}

TEST(ProcessTest, SaysWhyItFailed) {
  Process process({"sh", "-c", "echo first >&2; echo last >&2; exit 7"});
  process.close_input();
  EXPECT_EQ(process.wait(), 7);
  EXPECT_EQ(process.wait(), 7);
  EXPECT_EQ(process.last_error(), "last");
  EXPECT_THROW(Process({"no-such-program-anywhere"}), Error);
  EXPECT_TRUE(has_program("sh"));
  EXPECT_FALSE(has_program("no-such-program-anywhere"));
}

TEST(ProcessTest, WritingToOneThatIsGoneIsNoEndOfThisOne) {
  Process process({"true"});
  const std::string much(1 << 20, 'x');
  EXPECT_FALSE(process.write(much));
}

TEST(MemoryTest, CountsWhatTensorsTakeAtOnce) {
  const auto bytes = peak_tensor_bytes([] {
    const auto first = at::empty({1000}, at::kFloat);
    {
      const auto second = at::empty({2000}, at::kFloat);
    }
    const auto third = at::empty({500}, at::kFloat);
  });
  EXPECT_GE(bytes, 12000);
  EXPECT_LE(bytes, 13000);
  EXPECT_GT(free_memory_bytes(), 1 << 20);
}

}  // namespace
}  // namespace forger
