#include "onnx/onnx_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "core/fail.h"
#include "core/files.h"
#include "core/torch.h"
#include "onnx/operations.h"
#include "onnx/wire_message.h"
#include "support/temporary_folder.h"

namespace forger {
namespace {

OnnxGraph small_graph() {
  OnnxGraph graph({});
  const auto input = graph.input({.name = "x", .type = OnnxType::float32, .sides = {"batch", 2}});
  const auto weight = graph.constant(at::arange(2000, at::kFloat).view({2, 1000}));
  graph.output({.name = "y", .type = OnnxType::float32, .sides = {"batch", 1000}}, onnx::matmul(graph, input, weight));
  return graph;
}

// Expected bytes: the examples of "Encoding", protobuf.dev/programming-guides/encoding.
TEST(WireMessageTest, LaysFieldsAsTheFormatsOwnExamples) {
  WireMessage number, text, outer;
  number.number(1, 150);
  EXPECT_EQ(number.bytes(), "\x08\x96\x01");
  text.bytes(2, "testing");
  EXPECT_EQ(text.bytes(), "\x12\x07testing");
  outer.message(3, number);
  EXPECT_EQ(outer.bytes(), "\x1a\x03\x08\x96\x01");
}

TEST(WireMessageTest, ANegativeNumberTakesTenBytes) {
  WireMessage message;
  message.number(1, -2);
  EXPECT_EQ(message.bytes(), "\x08\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01");
}

TEST(OnnxFileTest, HasTheSizeThatItSays) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "a.onnx";
  const auto sizes = write_onnx(path, small_graph(), "small", {{"game", "none"}});
  EXPECT_EQ(sizes.file_bytes, static_cast<int64_t>(std::filesystem::file_size(path)));
  EXPECT_EQ(sizes.beside_bytes, 0);
  EXPECT_GT(sizes.file_bytes, 8000);
}

TEST(OnnxFileTest, PutsWeightsBesideTheFileWhereTheyAreTooLarge) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "a.onnx";
  const auto sizes = write_onnx(path, small_graph(), "small", {}, /*most_inside=*/4000);
  EXPECT_LT(sizes.file_bytes, 1000);
  EXPECT_EQ(sizes.beside_bytes, 8000);
  const auto beside = read_file(folder.path() / "a.onnx.data");
  ASSERT_EQ(beside.size(), 8000U);
  EXPECT_EQ(reinterpret_cast<const float*>(beside.data())[1999], 1999.F);
  EXPECT_THAT(read_file(path), testing::HasSubstr("a.onnx.data"));
}

TEST(OnnxFileTest, LeavesNothingWhereItCannotBeWritten) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "a.onnx";
  std::filesystem::create_directory(folder.path() / "a.onnx.data");
  std::filesystem::create_directory(folder.path() / "a.onnx.data/in_the_way");
  EXPECT_THROW(write_onnx(path, small_graph(), "small", {}, 4000), Error);
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(OnnxGraphTest, RefusesAnOpsetThatIsNotWritten) {
  EXPECT_THROW(OnnxGraph({.opset = kOldestOpset - 1}), Error);
  EXPECT_THROW(OnnxGraph({.opset = kNewestOpset + 1}), Error);
}

}  // namespace
}  // namespace forger
