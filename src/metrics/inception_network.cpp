#include "metrics/inception_network.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

#include "core/fail.h"
#include "core/torch.h"

namespace forger {
namespace {

constexpr int64_t kSide = 299;
constexpr double kNormEpsilon = 1e-3;

struct Shape {
  std::string name;
  int64_t outputs, inputs, height, width;
};

/// Every convolution that leads to the features.
std::vector<Shape> all_shapes() {
  std::vector<Shape> shapes = {{"Conv2d_1a_3x3", 32, 3, 3, 3},
                               {"Conv2d_2a_3x3", 32, 32, 3, 3},
                               {"Conv2d_2b_3x3", 64, 32, 3, 3},
                               {"Conv2d_3b_1x1", 80, 64, 1, 1},
                               {"Conv2d_4a_3x3", 192, 80, 3, 3}};
  const auto add = [&](const std::string& block, std::vector<Shape> layers) {
    for (auto& layer : layers) {
      layer.name = block + "." + layer.name;
      shapes.push_back(std::move(layer));
    }
  };
  const auto block_a = [&](const std::string& block, int64_t inputs, int64_t pooled) {
    add(block, {{"branch1x1", 64, inputs, 1, 1},
                {"branch5x5_1", 48, inputs, 1, 1},
                {"branch5x5_2", 64, 48, 5, 5},
                {"branch3x3dbl_1", 64, inputs, 1, 1},
                {"branch3x3dbl_2", 96, 64, 3, 3},
                {"branch3x3dbl_3", 96, 96, 3, 3},
                {"branch_pool", pooled, inputs, 1, 1}});
  };
  block_a("Mixed_5b", 192, 32);
  block_a("Mixed_5c", 256, 64);
  block_a("Mixed_5d", 288, 64);
  add("Mixed_6a", {{"branch3x3", 384, 288, 3, 3},
                   {"branch3x3dbl_1", 64, 288, 1, 1},
                   {"branch3x3dbl_2", 96, 64, 3, 3},
                   {"branch3x3dbl_3", 96, 96, 3, 3}});
  for (const auto& [block, inner] :
       {std::pair("Mixed_6b", 128), {"Mixed_6c", 160}, {"Mixed_6d", 160}, {"Mixed_6e", 192}}) {
    add(block, {{"branch1x1", 192, 768, 1, 1},
                {"branch7x7_1", inner, 768, 1, 1},
                {"branch7x7_2", inner, inner, 1, 7},
                {"branch7x7_3", 192, inner, 7, 1},
                {"branch7x7dbl_1", inner, 768, 1, 1},
                {"branch7x7dbl_2", inner, inner, 7, 1},
                {"branch7x7dbl_3", inner, inner, 1, 7},
                {"branch7x7dbl_4", inner, inner, 7, 1},
                {"branch7x7dbl_5", 192, inner, 1, 7},
                {"branch_pool", 192, 768, 1, 1}});
  }
  add("Mixed_7a", {{"branch3x3_1", 192, 768, 1, 1},
                   {"branch3x3_2", 320, 192, 3, 3},
                   {"branch7x7x3_1", 192, 768, 1, 1},
                   {"branch7x7x3_2", 192, 192, 1, 7},
                   {"branch7x7x3_3", 192, 192, 7, 1},
                   {"branch7x7x3_4", 192, 192, 3, 3}});
  for (const auto& [block, inputs] : {std::pair("Mixed_7b", 1280), {"Mixed_7c", 2048}}) {
    add(block, {{"branch1x1", 320, inputs, 1, 1},
                {"branch3x3_1", 384, inputs, 1, 1},
                {"branch3x3_2a", 384, 384, 1, 3},
                {"branch3x3_2b", 384, 384, 3, 1},
                {"branch3x3dbl_1", 448, inputs, 1, 1},
                {"branch3x3dbl_2", 384, 448, 3, 3},
                {"branch3x3dbl_3a", 384, 384, 1, 3},
                {"branch3x3dbl_3b", 384, 384, 3, 1},
                {"branch_pool", 192, inputs, 1, 1}});
  }
  return shapes;
}

/// A 3x3 mean that leaves the padding out.
at::Tensor mean_pool(const at::Tensor& x) {
  return at::avg_pool2d(x, {3, 3}, {1, 1}, {1, 1}, /*ceil_mode=*/false, /*count_include_pad=*/false);
}

at::Tensor halving_pool(const at::Tensor& x) { return at::max_pool2d(x, {3, 3}, {2, 2}); }

/// TensorFlow 1's bilinear enlargement of one axis, as a matrix `[kSide, length]`: pixel i looks at i * length / kSide.
at::Tensor enlargement(int64_t length) {
  auto matrix = at::zeros({kSide, length}, at::kFloat);
  auto entries = matrix.accessor<float, 2>();
  const float scale = static_cast<float>(length) / static_cast<float>(kSide);
  for (int64_t i = 0; i < kSide; ++i) {
    const float position = static_cast<float>(i) * scale;
    const auto low = static_cast<int64_t>(position);
    const float share = position - static_cast<float>(low);
    entries[i][low] += 1 - share;
    entries[i][std::min(low + 1, length - 1)] += share;
  }
  return matrix;
}

}  // namespace

std::map<std::string, std::vector<int64_t>> InceptionNetwork::needed() {
  std::map<std::string, std::vector<int64_t>> sizes;
  for (const auto& shape : all_shapes()) {
    sizes[shape.name + ".conv.weight"] = {shape.outputs, shape.inputs, shape.height, shape.width};
    for (const char* part : {".bn.weight", ".bn.bias", ".bn.running_mean", ".bn.running_var"}) {
      sizes[shape.name + part] = {shape.outputs};
    }
  }
  return sizes;
}

InceptionNetwork::InceptionNetwork(const std::map<std::string, at::Tensor>& tensors) {
  for (const auto& [name, sizes] : needed()) {
    const auto found = tensors.find(name);
    if (found == tensors.end()) fail("the tensor {} is missing", name);
    if (found->second.sizes() != at::IntArrayRef(sizes)) {
      fail("the tensor {} is {}, accepted: {}", name, fmt::join(found->second.sizes(), "x"), fmt::join(sizes, "x"));
    }
  }
  const auto take = [&](const std::string& name) { return tensors.at(name).to(at::kFloat); };
  for (const auto& shape : all_shapes()) {
    const auto weight = take(shape.name + ".conv.weight");
    const auto scale = take(shape.name + ".bn.weight") / (take(shape.name + ".bn.running_var") + kNormEpsilon).sqrt();
    const auto bias = take(shape.name + ".bn.bias") - take(shape.name + ".bn.running_mean") * scale;
    layers_[shape.name] = {(weight * scale.view({-1, 1, 1, 1})).contiguous(at::MemoryFormat::ChannelsLast), bias};
  }
}

at::Tensor InceptionNetwork::features(const at::Tensor& bytes) const {
  auto x = at::matmul(enlargement(bytes.size(2)), bytes.to(at::kFloat));
  x = at::matmul(x, enlargement(bytes.size(3)).t());
  x = ((x - 128) / 128).contiguous(at::MemoryFormat::ChannelsLast);
  x = convolve(x, "Conv2d_1a_3x3", 2);
  x = convolve(x, "Conv2d_2a_3x3");
  x = halving_pool(convolve(x, "Conv2d_2b_3x3", 1, 1, 1));
  x = convolve(x, "Conv2d_3b_1x1");
  x = halving_pool(convolve(x, "Conv2d_4a_3x3"));
  for (const char* name : {"Mixed_5b", "Mixed_5c", "Mixed_5d"}) x = block_a(x, name);
  x = block_b(x, "Mixed_6a");
  for (const char* name : {"Mixed_6b", "Mixed_6c", "Mixed_6d", "Mixed_6e"}) x = block_c(x, name);
  x = block_d(x, "Mixed_7a");
  x = block_e(x, "Mixed_7b", /*largest=*/false);
  x = block_e(x, "Mixed_7c", /*largest=*/true);
  return x.mean(at::IntArrayRef{2, 3});
}

at::Tensor InceptionNetwork::convolve(const at::Tensor& x, const std::string& name, int64_t stride, int64_t pad_y,
                                      int64_t pad_x) const {
  const Layer& layer = layers_.at(name);
  return at::conv2d(x, layer.weight, layer.bias, at::IntArrayRef{stride, stride}, at::IntArrayRef{pad_y, pad_x})
      .relu_();
}

at::Tensor InceptionNetwork::block_a(const at::Tensor& x, const std::string& name) const {
  const auto five = convolve(convolve(x, name + ".branch5x5_1"), name + ".branch5x5_2", 1, 2, 2);
  auto three = convolve(convolve(x, name + ".branch3x3dbl_1"), name + ".branch3x3dbl_2", 1, 1, 1);
  three = convolve(three, name + ".branch3x3dbl_3", 1, 1, 1);
  return at::cat({convolve(x, name + ".branch1x1"), five, three, convolve(mean_pool(x), name + ".branch_pool")}, 1);
}

at::Tensor InceptionNetwork::block_b(const at::Tensor& x, const std::string& name) const {
  auto twice = convolve(convolve(x, name + ".branch3x3dbl_1"), name + ".branch3x3dbl_2", 1, 1, 1);
  twice = convolve(twice, name + ".branch3x3dbl_3", 2);
  return at::cat({convolve(x, name + ".branch3x3", 2), twice, halving_pool(x)}, 1);
}

at::Tensor InceptionNetwork::block_c(const at::Tensor& x, const std::string& name) const {
  auto seven = convolve(convolve(x, name + ".branch7x7_1"), name + ".branch7x7_2", 1, 0, 3);
  seven = convolve(seven, name + ".branch7x7_3", 1, 3, 0);
  auto twice = convolve(convolve(x, name + ".branch7x7dbl_1"), name + ".branch7x7dbl_2", 1, 3, 0);
  twice = convolve(twice, name + ".branch7x7dbl_3", 1, 0, 3);
  twice = convolve(twice, name + ".branch7x7dbl_4", 1, 3, 0);
  twice = convolve(twice, name + ".branch7x7dbl_5", 1, 0, 3);
  return at::cat({convolve(x, name + ".branch1x1"), seven, twice, convolve(mean_pool(x), name + ".branch_pool")}, 1);
}

at::Tensor InceptionNetwork::block_d(const at::Tensor& x, const std::string& name) const {
  const auto three = convolve(convolve(x, name + ".branch3x3_1"), name + ".branch3x3_2", 2);
  auto seven = convolve(convolve(x, name + ".branch7x7x3_1"), name + ".branch7x7x3_2", 1, 0, 3);
  seven = convolve(seven, name + ".branch7x7x3_3", 1, 3, 0);
  return at::cat({three, convolve(seven, name + ".branch7x7x3_4", 2), halving_pool(x)}, 1);
}

at::Tensor InceptionNetwork::block_e(const at::Tensor& x, const std::string& name, bool largest) const {
  const auto both_ways = [&](const at::Tensor& input, const std::string& branch) {
    return at::cat({convolve(input, branch + "a", 1, 0, 1), convolve(input, branch + "b", 1, 1, 0)}, 1);
  };
  const auto three = both_ways(convolve(x, name + ".branch3x3_1"), name + ".branch3x3_2");
  const auto twice = both_ways(convolve(convolve(x, name + ".branch3x3dbl_1"), name + ".branch3x3dbl_2", 1, 1, 1),
                               name + ".branch3x3dbl_3");
  const auto pooled = largest ? at::max_pool2d(x, {3, 3}, {1, 1}, {1, 1}) : mean_pool(x);
  return at::cat({convolve(x, name + ".branch1x1"), three, twice, convolve(pooled, name + ".branch_pool")}, 1);
}

}  // namespace forger
