#include "onnx/onnx_runtime.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "core/fail.h"
#include "core/files.h"
#include "core/torch.h"
#include "onnx/onnx_file.h"
#include "onnx/operations.h"
#include "support/temporary_folder.h"

namespace forger {
namespace {

class OnnxRuntimeTest : public testing::Test {
 protected:
  void SetUp() override {
    runtime_ = OnnxRuntime::find();
    if (runtime_ == nullptr) GTEST_SKIP() << "no ONNX Runtime here; make test brings it";
  }
  std::shared_ptr<const OnnxRuntime> runtime_;
  TemporaryFolder folder_;
};

TEST_F(OnnxRuntimeTest, RunsWhatWasWrittenWithWeightsInTheFileAndBesideIt) {
  const auto weight = at::arange(600, at::kFloat).view({2, 300}).sin();
  OnnxGraph graph({});
  const auto input = graph.input({.name = "x", .type = OnnxType::float32, .sides = {"batch", 2}});
  graph.output({.name = "y", .type = OnnxType::float32, .sides = {"batch", 300}},
               onnx::gelu(graph, onnx::matmul(graph, input, graph.constant(weight))));
  const auto x = at::arange(6, at::kFloat).view({3, 2}).cos();
  for (const int64_t most_inside : {kMostBytesInside, int64_t{100}}) {
    const auto file = folder_ / "a.onnx";
    write_onnx(file, graph, "small", {}, most_inside);
    const auto made = OnnxSession(runtime_, file, 1).run({{"x", x}}, {"y"}).at("y");
    EXPECT_TRUE(at::allclose(made, at::gelu(x.matmul(weight)), 0, 1e-5));
  }
}

TEST_F(OnnxRuntimeTest, ADamagedFileIsNamed) {
  const auto file = folder_ / "damaged.onnx";
  write_file_atomically(file, "no ONNX file");
  try {
    const OnnxSession session(runtime_, file);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("damaged.onnx: ONNX Runtime"));
    EXPECT_THAT(error.what(), testing::Not(testing::HasSubstr("\n")));
  }
}

}  // namespace
}  // namespace forger
