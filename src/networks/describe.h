#pragma once

#include <string>
#include <vector>

#include "forger/config.h"
#include "networks/network.h"

namespace forger {

/// One line of a network's table.
struct LayerDescription {
  std::string name;                   ///< e.g. "up2", the first part of its tensors' names
  std::vector<int64_t> output_shape;  ///< for one image: [1, channels, height, width] or [1, numbers]
  int64_t parameters = 0;
};

/// The layers in the order in which they run, found by one forward pass of one image in evaluation mode;
/// nothing in the network changes. Layers that do nothing (normalisation "none", no dropout) are left out;
/// parameters that no layer holds stand in a last line, named after the first of them.
std::vector<LayerDescription> describe(LatentGenerator& network, int64_t latent_size, int64_t classes);
std::vector<LayerDescription> describe(Discriminator& network, const ImageShape& shape, int64_t classes);
std::vector<LayerDescription> describe(Encoder& network, const ImageShape& shape);

std::vector<LayerDescription> describe(ImageGenerator& network, const ImageShape& source);

/// A network's table as text for people: a title, and one line a layer. Builds the network; throws what that throws.
std::string describe_network(const GeneratorOptions& options, const ImageShape& shape, int64_t classes);
std::string describe_network(const DiscriminatorOptions& options, const ImageShape& shape, int64_t classes);
std::string describe_network(const EncoderOptions& options, const ImageShape& shape, const CodeShape& code);

/// Of one that makes images of `channels` from those of the shape `source`.
std::string describe_network(const UpscalerOptions& options, const ImageShape& source, int64_t channels);
std::string describe_network(const TranslatorOptions& options, const ImageShape& source, int64_t channels);

/// All trained numbers.
int64_t count_parameters(const torch::nn::Module& network);

}  // namespace forger
