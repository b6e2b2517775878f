#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "core/fail.h"
#include "networks/catalog.h"
#include "networks/evaluation_mode.h"
#include "networks/pixel_discriminator.h"
#include "networks/small_networks.h"

// That the nodes compute what the networks do is shown in ONNX Runtime: tests/commands/test_export.py.

namespace forger {
namespace {

constexpr ImageShape kShape{3, 16, 16};

UpscalerOptions upscaler_options(const std::string& network) {
  UpscalerOptions options;
  options.network = network;
  options.features = network == "dat" ? 96 : 12;
  options.partial = 4;
  options.blocks = 1;
  options.scale = 2;
  return options;
}

/// Every node takes what stands before it.
void expect_whole(const OnnxGraph& graph, const std::string& network) {
  std::set<std::string> known = {""};
  for (const auto& port : graph.inputs()) known.insert(port.name);
  for (const auto& [name, tensor] : graph.constants()) known.insert(name);
  EXPECT_FALSE(graph.nodes().empty()) << network;
  for (const auto& node : graph.nodes()) {
    for (const auto& input : node.inputs) EXPECT_TRUE(known.contains(input)) << network << ": " << node.name;
    for (const auto& output : node.outputs) EXPECT_TRUE(known.insert(output).second) << network << ": " << output;
  }
}

template <class Network, class Add>
OnnxGraph graph_of(Network& network, const OnnxGraph::Options& options, const Add& add) {
  const at::NoGradGuard no_gradients;
  const EvaluationMode evaluating(network);
  OnnxGraph graph(options);
  graph.name_parts(network);
  add(graph, graph.input({.name = "x", .type = OnnxType::float32, .sides = {}}));
  return graph;
}

OnnxGraph upscaler_graph(const std::string& name, int64_t opset) {
  const auto network = make_upscaler(upscaler_options(name), 3, 3, make_random(1));
  return graph_of(*network, {.opset = opset}, [&](auto& graph, const auto& x) { network->to_onnx(graph, x); });
}

TEST(OnnxNetworksTest, EveryGeneratorHasNodes) {
  for (const auto& name : generator_names()) {
    for (const int64_t classes : {0, 3}) {
      const auto network = make_generator(generator_options(name), kShape, classes, make_random(1));
      const auto graph = graph_of(*network, {}, [&](auto& nodes, const auto& latent) {
        network->to_onnx(
            nodes, latent,
            classes > 0 ? nodes.input({.name = "class", .type = OnnxType::int64, .sides = {}}) : OnnxValue{});
      });
      expect_whole(graph, name);
    }
  }
}

TEST(OnnxNetworksTest, EveryEncoderHasNodes) {
  for (const auto& name : encoder_names()) {
    EncoderOptions options;
    options.network = name;
    options.width = 4;
    const auto network = make_encoder(options, kShape, CodeShape{.numbers = 8}, make_random(1));
    expect_whole(graph_of(*network, {}, [&](auto& graph, const auto& x) { network->to_onnx(graph, x); }), name);
  }
}

TEST(OnnxNetworksTest, EveryUpscalerHasNodesInEveryOpsetThatKnowsThem) {
  for (const auto& name : upscaler_names()) {
    for (int64_t opset = kUsualOpset; opset <= kNewestOpset; ++opset) expect_whole(upscaler_graph(name, opset), name);
  }
}

TEST(OnnxNetworksTest, EveryTranslatorHasNodes) {
  for (const auto& name : translator_names()) {
    TranslatorOptions options;
    options.network = name;
    options.width = 4;
    options.depth = 3;
    const auto network = make_translator(options, 3, 3, make_random(1));
    expect_whole(graph_of(*network, {}, [&](auto& graph, const auto& x) { network->to_onnx(graph, x); }), name);
  }
}

TEST(OnnxNetworksTest, DiscriminatorsThatNameRotationsHaveNodes) {
  for (const std::string name : {"mlp", "dcgan"}) {
    auto options = discriminator_options(name);
    options.rotations = 1;
    const auto network = make_discriminator(options, kShape, 0, make_random(1));
    expect_whole(graph_of(*network, {}, [&](auto& graph, const auto& x) { network->rotations(graph, x); }), name);
  }
  PixelDiscriminator pixels(4, {3, 15, 18}, make_random(1));
  expect_whole(graph_of(pixels, {}, [&](auto& graph, const auto& x) { pixels.to_onnx(graph, x); }), "pixels");
}

TEST(OnnxNetworksTest, ALayerThatNeedsAYoungerOpsetIsNamed) {
  try {
    upscaler_graph("swinir", 16);
    FAIL() << "opset 16 knows no LayerNormalization";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(),
                testing::HasSubstr("received 16, but LayerNormalization of the layer patch_embed.norm needs 17"));
  }
}

TEST(OnnxNetworksTest, WeightsKeepTheirNames) {
  const auto graph = upscaler_graph("rrdbnet", kUsualOpset);
  EXPECT_TRUE(graph.constants().contains("body.0.rdb1.conv1.weight"));
  EXPECT_TRUE(graph.constants().contains("conv_last.bias"));
}

TEST(OnnxNetworksTest, HalfMeansFloat16InAllThatNetworksComputeWith) {
  const auto network = make_upscaler(upscaler_options("compact"), 3, 3, make_random(1));
  const auto graph =
      graph_of(*network, {.half = true}, [&](auto& nodes, const auto& x) { network->to_onnx(nodes, x); });
  for (const auto& [name, tensor] : graph.constants()) {
    if (tensor.is_floating_point() && name.ends_with("weight")) {
      EXPECT_EQ(tensor.scalar_type(), at::kHalf) << name;
    }
  }
}

}  // namespace
}  // namespace forger
