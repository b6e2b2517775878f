#pragma once

#include <ATen/core/Generator.h>

#include <memory>
#include <string>
#include <vector>

#include "forger/config.h"
#include "networks/network.h"

namespace forger {

/// Builds the generator that `options.network` names, its weights drawn from `random`. `classes` is 0 unless
/// class-conditional. Throws Error when the network cannot make images of this shape, naming the nearest sizes it can.
std::shared_ptr<LatentGenerator> make_generator(const GeneratorOptions& options, const ImageShape& shape,
                                                int64_t classes, at::Generator random);

/// The same for the discriminator.
std::shared_ptr<Discriminator> make_discriminator(const DiscriminatorOptions& options, const ImageShape& shape,
                                                  int64_t classes, at::Generator random);

/// The encoder, which gives `code.numbers` numbers for each image.
std::shared_ptr<Encoder> make_encoder(const EncoderOptions& options, const ImageShape& shape, const CodeShape& code,
                                      at::Generator random);

/// The network that makes images of `channels_out` channels, `options.scale` times as large, of images of
/// `channels_in`.
std::shared_ptr<ImageGenerator> make_upscaler(const UpscalerOptions& options, int64_t channels_in, int64_t channels_out,
                                              at::Generator random);

/// The network that makes an image of `channels_out` channels of each image of `channels_in`, of the same size.
std::shared_ptr<ImageGenerator> make_translator(const TranslatorOptions& options, int64_t channels_in,
                                                int64_t channels_out, at::Generator random);

/// The code from which this generator makes an image of `shape`: its latent, or for variational codes ("kl") means and
/// log variances. Throws Error as `make_generator` where a convolutional latent does not fit the network.
CodeShape code_shape(const GeneratorOptions& generator, const ImageShape& shape, const std::string& codes);

/// Names that the tables accept.
std::vector<std::string> generator_names();
std::vector<std::string> discriminator_names();
std::vector<std::string> encoder_names();
std::vector<std::string> upscaler_names();
std::vector<std::string> translator_names();

}  // namespace forger
