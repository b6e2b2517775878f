#include "onnx/onnx_outline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/files.h"
#include "core/torch.h"
#include "forger/error.h"
#include "onnx/onnx_file.h"
#include "onnx/operations.h"
#include "onnx/wire_message.h"
#include "onnx/wire_reader.h"
#include "support/temporary_folder.h"

namespace forger {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// A file of one multiplication, with its weight beside it where asked for.
std::filesystem::path written(const TemporaryFolder& folder, bool beside = false) {
  OnnxGraph graph({});
  const auto input = graph.input({.name = "x", .type = OnnxType::float32, .sides = {"batch", 2}});
  const auto weight = graph.constant(at::arange(2000, at::kFloat).view({2, 1000}));
  graph.output({.name = "y", .type = OnnxType::float32, .sides = {"batch", 1000}}, onnx::matmul(graph, input, weight));
  auto path = folder.path() / "a.onnx";
  write_onnx(path, graph, "small", {{"game", "none"}}, beside ? 4000 : kMostBytesInside);
  return path;
}

OnnxOutline outline_of(const std::filesystem::path& path) { return parse_onnx(read_file(path), "a.onnx"); }

// The examples of "Encoding", protobuf.dev/programming-guides/encoding.
TEST(WireReaderTest, ReadsTheFormatsOwnExamples) {
  WireReader reader("\x08\x96\x01\x12\x07testing");
  EXPECT_EQ(reader.next()->integer(), 150);
  EXPECT_EQ(reader.next()->bytes, "testing");
  EXPECT_FALSE(reader.next());
  EXPECT_THAT(WireReader::integers(*WireReader("\x32\x06\x03\x8e\x02\x9e\xa7\x05").next()), ElementsAre(3, 270, 86942));
}

TEST(WireReaderTest, RefusesWhatIsNoMessage) {
  for (const char* bytes :
       {"\x08", "\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "\x12\x05hi", "\x0b", "\x02x"}) {
    EXPECT_THROW(WireReader(bytes).next(), Error) << bytes;
  }
}

TEST(OnnxOutlineTest, FindsInAFileWhatWasWritten) {
  const TemporaryFolder folder;
  for (const bool beside : {false, true}) {
    const auto path = written(folder, beside);
    const auto outline = outline_of(path);
    EXPECT_EQ(outline.opset, kUsualOpset);
    ASSERT_EQ(outline.nodes.size(), 2U);
    EXPECT_EQ(outline.nodes[0].operation, "MatMul");
    ASSERT_EQ(outline.weights.size(), 1U);
    EXPECT_THAT(outline.weights[0].sides, ElementsAre(2, 1000));
    EXPECT_EQ(outline.weights[0].bytes, 8000);
    EXPECT_EQ(outline.weights[0].file, beside ? "a.onnx.data" : "");
    EXPECT_EQ(outline.inputs[0].sides, 2);
    EXPECT_EQ(outline.metadata.at("game"), "none");
    EXPECT_THAT(faults_of(outline, folder.path()), IsEmpty());
  }
}

TEST(OnnxOutlineTest, NamesWhatIsWrong) {
  const TemporaryFolder folder;
  const auto whole = outline_of(written(folder));
  const auto fault = [&](auto&& spoil) {
    auto outline = whole;
    spoil(outline);
    const auto faults = faults_of(outline, folder.path());
    return faults.empty() ? std::string() : faults.front();
  };
  EXPECT_THAT(fault([](auto& file) { file.opset = 99; }), HasSubstr("the opset is 99"));
  EXPECT_THAT(fault([](auto& file) { file.format = 1; }), HasSubstr("the format is 1"));
  EXPECT_THAT(fault([](auto& file) { file.nodes[0].inputs[0] = "nothing"; }), HasSubstr("takes nothing, not made"));
  EXPECT_THAT(fault([](auto& file) { std::swap(file.nodes[0], file.nodes[1]); }), HasSubstr("not made before"));
  EXPECT_THAT(fault([](auto& file) { file.nodes[1].name = file.nodes[0].name; }), HasSubstr("another one has"));
  EXPECT_THAT(fault([](auto& file) { file.nodes[1].outputs[0] = "x"; }), HasSubstr("another one has"));
  EXPECT_THAT(fault([](auto& file) { file.weights[0].sides[0] = 3; }), HasSubstr("its sides ask for 12000"));
  EXPECT_THAT(fault([](auto& file) { file.weights[0].sides = {1LL << 62, 1LL << 62}; }), HasSubstr("more than there"));
  EXPECT_THAT(fault([](auto& file) { file.weights[0].file = "../a"; }), HasSubstr("not beside"));
  EXPECT_THAT(fault([](auto& file) { file.weights[0].file = "gone"; }), HasSubstr("is not there"));
  EXPECT_THAT(fault([](auto& file) { file.inputs[0].sides.reset(); }), HasSubstr("the input x has no sides"));
  EXPECT_THAT(fault([](auto& file) { file.outputs[0].type = 0; }), HasSubstr("the output y has no type"));
  EXPECT_THAT(fault([](auto& file) { file.outputs[0].name = "z"; }), HasSubstr("the output z is made by no node"));
}

TEST(OnnxOutlineTest, WeightsBesideThatEndTooEarlyAreNamed) {
  const TemporaryFolder folder;
  const auto outline = outline_of(written(folder, /*beside=*/true));
  std::filesystem::resize_file(folder.path() / "a.onnx.data", 7999);
  EXPECT_THAT(faults_of(outline, folder.path()), ElementsAre(HasSubstr("ends before the weight")));
}

TEST(OnnxOutlineTest, AFileThatIsCutIsRefusedWherever) {
  const TemporaryFolder folder;
  const auto bytes = read_file(written(folder));
  for (const size_t length : {0UL, 1UL, 100UL, 5000UL, bytes.size() - 1}) {
    EXPECT_THROW(parse_onnx(std::string_view(bytes).substr(0, length), "a.onnx"), Error) << length;
  }
}

}  // namespace
}  // namespace forger
