#include "metrics/inception_network.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "core/torch.h"
#include "forger/error.h"
#include "metrics/features.h"
#include "metrics/golden_features.h"
#include "model/safetensors.h"
#include "support/golden_json.h"
#include "support/temporary_folder.h"

namespace forger {
namespace {

std::map<std::string, at::Tensor> golden_weights() {
  std::map<std::string, at::Tensor> tensors;
  uint64_t seed = 0;
  for (const auto& [name, sizes] : InceptionNetwork::needed()) {
    int64_t count = 1;
    for (const int64_t size : sizes) count *= size;
    const auto numbers = golden_uniform(seed++, count).view(sizes);
    if (name.ends_with("conv.weight")) {
      tensors[name] = ((2 * numbers - 1) * std::sqrt(6.0 * static_cast<double>(sizes[0]) / static_cast<double>(count)))
                          .to(at::kFloat);
    } else {
      const bool centred = name.ends_with("bias") || name.ends_with("running_mean");
      tensors[name] = (centred ? numbers - 0.5 : numbers + 0.5).to(at::kFloat);
    }
  }
  return tensors;
}

TEST(InceptionNetworkTest, EqualsTorchFidelitysFromAFileOfWeights) {
  const auto golden = read_golden("metrics/golden/inception.json");
  const TemporaryFolder folder;
  TensorFile file;
  file.tensors = golden_weights();
  ASSERT_EQ(file.tensors.size(), golden["names"].get<size_t>());
  write_safetensors(folder / "inception.safetensors", file);
  const auto net = load_inception(folder / "inception.safetensors");
  EXPECT_EQ(net->size(), 2048);

  const auto bytes = (golden_uniform(1000, 2L * 3 * 40 * 32) * 256).floor().view({2, 3, 40, 32});
  const auto features = net->features((bytes / 127.5 - 1).to(at::kFloat));
  for (int64_t image = 0; image < 2; ++image) {
    const double mean = golden["mean"][image].get<double>();
    EXPECT_NEAR(features[image].mean().item<double>(), mean, 1e-5 * mean);
    for (int64_t i = 0; i < 32; ++i) {
      EXPECT_NEAR(features[image][64 * i].item<double>(), golden["every_64th"][image][i].get<double>(), 1e-4 * mean)
          << i;
    }
  }
}

TEST(InceptionNetworkTest, NamesWhatIsMissingOrOfAnotherShape) {
  const auto message = [](const std::map<std::string, at::Tensor>& tensors) {
    try {
      InceptionNetwork network(tensors);
      return std::string("no error");
    } catch (const Error& error) {
      return std::string(error.what());
    }
  };
  EXPECT_NE(message({}).find("Conv2d_1a_3x3.bn.bias"), std::string::npos);
  std::map<std::string, at::Tensor> tensors;
  for (const auto& [name, sizes] : InceptionNetwork::needed()) tensors[name] = at::zeros(sizes, at::kHalf);
  tensors["Mixed_6c.branch7x7_2.conv.weight"] = at::zeros({160, 160, 7, 1}, at::kHalf);
  EXPECT_NE(message(tensors).find("Mixed_6c.branch7x7_2.conv.weight is 160x160x7x1"), std::string::npos);
}

}  // namespace
}  // namespace forger
