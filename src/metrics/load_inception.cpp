#include <torch/script.h>

#include <algorithm>
#include <exception>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/crc32c.h"
#include "core/fail.h"
#include "core/files.h"
#include "core/interruption.h"
#include "core/text.h"
#include "metrics/features.h"
#include "metrics/inception_network.h"
#include "model/safetensors.h"

namespace forger {
namespace {

constexpr int64_t kInceptionBatch = 32, kOwnSide = 299;

/// uint8 `[N, 3, H, W]` -> float32 `[N, d]`.
using Answer = std::function<at::Tensor(const at::Tensor& bytes)>;

Answer read_torch_script(const std::filesystem::path& path) {
  auto module = torch::jit::load(path, at::kCPU);
  module.eval();
  const bool returns_features =
      module.get_method("forward").function().getSchema().argumentIndexWithName("return_features").has_value();
  return [module, returns_features](const at::Tensor& bytes) {
    std::vector<c10::IValue> inputs{bytes};
    std::unordered_map<std::string, c10::IValue> named;
    if (returns_features) named.emplace("return_features", true);
    return module.get_method("forward")(inputs, named).toTensor().to(at::kFloat).flatten(1);
  };
}

Answer read_weights(const std::filesystem::path& path) {
  return [network = InceptionNetwork(read_safetensors(path).tensors)](const at::Tensor& bytes) {
    return network.features(bytes);
  };
}

class Inception : public FeatureNet {
 public:
  explicit Inception(const std::filesystem::path& path) : path_(path.string()) {
    hash_ = fmt::format("{:08x}", crc32c(read_file(path)));
    try {
      answer_ = path.extension() == ".safetensors" ? read_weights(path) : read_torch_script(path);
    } catch (const std::exception& error) {
      fail("option inception: cannot read {}, accepted: a TorchScript file, or the weights as .safetensors: {}", path_,
           first_line(error.what()));
    }
    size_ = answer(at::zeros({1, 3, kOwnSide, kOwnSide}, at::kByte)).size(1);
  }

  std::string name() const override {
    return fmt::format("{}, {}", std::filesystem::path(path_).filename().string(), size_);
  }
  std::string hash() const override { return hash_; }
  int64_t size() const override { return size_; }

  at::Tensor features(const at::Tensor& images) const override {
    if (!images.defined() || images.dim() != 4 || (images.size(1) != 1 && images.size(1) != 3)) {
      fail("{}: received images of {} channels, accepted: 1 (grey) or 3 (RGB)", path_,
           images.defined() && images.dim() == 4 ? images.size(1) : 0);
    }
    const auto result = at::empty({images.size(0), size_}, at::kFloat);
    for (int64_t start = 0; start < images.size(0); start += kInceptionBatch) {
      go_on_unless_interrupted();
      const auto part =
          images.narrow(0, start, std::min(kInceptionBatch, images.size(0) - start)).detach().to(at::kFloat);
      if (!at::isfinite(part).all().item<bool>()) {
        fail("features: received NaN or infinity, accepted: numbers in [-1, 1]");
      }
      const auto bytes = part.mul(127.5).add_(127.5).round_().clamp_(0, 255).to(at::kByte);
      result.narrow(0, start, part.size(0)).copy_(answer(bytes.expand({-1, 3, -1, -1}).contiguous()));
    }
    return result;
  }

 private:
  at::Tensor answer(const at::Tensor& bytes) const {
    try {
      const at::NoGradGuard no_grad;
      auto output = answer_(bytes);
      if (output.size(0) != bytes.size(0)) fail("it answers {} rows to {} images", output.size(0), bytes.size(0));
      return output;
    } catch (const std::exception& error) {
      fail("option inception: {} does not answer uint8 images [N, 3, H, W] with features [N, d]: {}", path_,
           first_line(error.what()));
    }
  }

  std::string path_;
  std::string hash_;
  Answer answer_;
  int64_t size_ = 0;
};

}  // namespace

std::shared_ptr<const FeatureNet> load_inception(const std::filesystem::path& path) {
  return std::make_shared<Inception>(path);
}

}  // namespace forger
