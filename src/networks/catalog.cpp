#include "networks/catalog.h"

#include <utility>

#include "config/translator_section.h"
#include "config/upscaler_section.h"
#include "core/fail.h"
#include "core/text.h"
#include "networks/compact.h"
#include "networks/dat.h"
#include "networks/dcgan.h"
#include "networks/mlp.h"
#include "networks/patch.h"
#include "networks/pytorch_gan.h"
#include "networks/r3.h"
#include "networks/realplksr.h"
#include "networks/resnet.h"
#include "networks/resnet_translator.h"
#include "networks/rrdbnet.h"
#include "networks/sizes.h"
#include "networks/span.h"
#include "networks/srresnet.h"
#include "networks/swinir.h"
#include "networks/unet.h"
#include "networks/unet_translator.h"
#include "networks/vgg.h"

namespace forger {
namespace {

/// `Third`: the number of classes, or what an encoder is to give.
template <class Base, class Options, class Third = int64_t>
using Factory = std::shared_ptr<Base> (*)(const Options&, const ImageShape&, const Third&, const at::Generator&);

template <class Network, class Base, class Options, class Third>
std::shared_ptr<Base> make(const Options& options, const ImageShape& shape, const Third& third,
                           const at::Generator& random) {
  return std::make_shared<Network>(options, shape, third, random);
}

constexpr std::pair<const char*, Factory<LatentGenerator, GeneratorOptions>> kGenerators[] = {
    {"mlp", make<MlpGenerator>},       {"dcgan", make<DcganGenerator>}, {"pytorch-gan", make<PytorchGanGenerator>},
    {"resnet", make<ResnetGenerator>}, {"r3", make<R3Generator>},
};

constexpr std::pair<const char*, Factory<Discriminator, DiscriminatorOptions>> kDiscriminators[] = {
    {"mlp", make<MlpDiscriminator>},
    {"dcgan", make<DcganDiscriminator>},
    {"pytorch-gan", make<PytorchGanDiscriminator>},
    {"resnet", make<ResnetDiscriminator>},
    {"r3", make<R3Discriminator>},
    {"vgg", make<VggDiscriminator>},
    {"unet", make<UnetDiscriminator>},
    {"patch", make<PatchDiscriminator>},
};

constexpr std::pair<const char*, Factory<Encoder, EncoderOptions, CodeShape>> kEncoders[] = {
    {"mlp", make<MlpEncoder>},
    {"dcgan", make<DcganEncoder>},
};

template <class Options>
using MakeImageGenerator = std::shared_ptr<ImageGenerator> (*)(const Options&, int64_t, int64_t, const at::Generator&);

template <class Network, class Options>
std::shared_ptr<ImageGenerator> make_image_generator(const Options& options, int64_t channels_in, int64_t channels_out,
                                                     const at::Generator& random) {
  return std::make_shared<Network>(options, channels_in, channels_out, random);
}

constexpr std::pair<const char*, MakeImageGenerator<UpscalerOptions>> kUpscalers[] = {
    {"srresnet", make_image_generator<SrresnetUpscaler>},
    {"rrdbnet", make_image_generator<RrdbnetUpscaler>},
    {"compact", make_image_generator<CompactUpscaler>},
    {"span", make_image_generator<SpanUpscaler>},
    {"realplksr", make_image_generator<RealplksrUpscaler>},
    {"swinir", make_image_generator<SwinirUpscaler>},
    {"dat", make_image_generator<DatUpscaler>},
};

constexpr std::pair<const char*, MakeImageGenerator<TranslatorOptions>> kTranslators[] = {
    {"unet", make_image_generator<UnetTranslator>},
    {"resnet", make_image_generator<ResnetTranslator>},
};

template <class Table>
std::vector<std::string> names_of(const Table& table) {
  std::vector<std::string> names;
  for (const auto& [name, factory] : table) names.emplace_back(name);
  return names;
}

void expect_word(const char* key, const std::string& received, const std::vector<std::string>& accepted) {
  for (const auto& word : accepted) {
    if (word == received) return;
  }
  fail("{}: received \"{}\", accepted: {}{}", key, received, join(accepted), did_you_mean(received, accepted));
}

void expect_between(const char* key, int64_t received, int64_t least, int64_t most) {
  if (received < least || received > most) fail("{}: received {}, accepted: {} to {}", key, received, least, most);
}

constexpr int64_t kWidest = 1 << 16;
constexpr int64_t kDeepest = 64;
/// Each kind of a label map has a channel of its own.
constexpr int64_t kMostKinds = 256;

template <class Base, class Options, class Table, class Third>
std::shared_ptr<Base> find_and_make(const Table& table, const char* key, const Options& options,
                                    const ImageShape& shape, const Third& third, const at::Generator& random) {
  expect_word(key, options.network, names_of(table));
  for (const auto& [name, factory] : table) {
    if (name == options.network) return factory(options, shape, third, random);
  }
  return nullptr;
}

}  // namespace

std::shared_ptr<LatentGenerator> make_generator(const GeneratorOptions& options, const ImageShape& shape,
                                                int64_t classes, at::Generator random) {
  expect_word("generator.upsampling", options.upsampling, {"transposed", "nearest", "bilinear"});
  expect_word("generator.normalization", options.normalization, {"batch", "none"});
  expect_between("generator.width", options.width, 1, kWidest);
  expect_between("generator.max_width", options.max_width, 1, kWidest);
  expect_between("generator.depth", options.depth, 0, kDeepest);
  expect_between("generator.latent_size", options.latent_size, 1, kWidest);
  if (options.convolutional_latent && (options.network != "dcgan" || classes > 0)) {
    fail(
        "generator.convolutional_latent: received true with {}, accepted: with the network dcgan, not "
        "class-conditional",
        classes > 0 ? "classes" : fmt::format("the network \"{}\"", options.network));
  }
  return find_and_make<LatentGenerator>(kGenerators, "generator.network", options, shape, classes, random);
}

std::shared_ptr<Discriminator> make_discriminator(const DiscriminatorOptions& options, const ImageShape& shape,
                                                  int64_t classes, at::Generator random) {
  expect_word("discriminator.normalization", options.normalization, {"batch", "instance", "none"});
  expect_between("discriminator.width", options.width, 1, kWidest);
  expect_between("discriminator.max_width", options.max_width, 1, kWidest);
  expect_between("discriminator.depth", options.depth, 0, kDeepest);
  if (!(options.dropout >= 0 && options.dropout < 1)) {
    fail("discriminator.dropout: received {}, accepted: 0 to below 1", options.dropout);
  }
  if (options.rotations > 0 && options.network != "dcgan" && options.network != "mlp") {
    fail("discriminator.rotations: received {} with the network \"{}\", accepted: 0, or mlp, dcgan", options.rotations,
         options.network);
  }
  return find_and_make<Discriminator>(kDiscriminators, "discriminator.network", options, shape, classes, random);
}

std::shared_ptr<Encoder> make_encoder(const EncoderOptions& options, const ImageShape& shape, const CodeShape& code,
                                      at::Generator random) {
  expect_word("encoder.normalization", options.normalization, {"batch", "instance", "none"});
  expect_between("encoder.width", options.width, 1, kWidest);
  expect_between("encoder.max_width", options.max_width, 1, kWidest);
  expect_between("encoder.depth", options.depth, 0, kDeepest);
  return find_and_make<Encoder>(kEncoders, "encoder.network", options, shape, code, random);
}

std::shared_ptr<ImageGenerator> make_upscaler(const UpscalerOptions& options, int64_t channels_in, int64_t channels_out,
                                              at::Generator random) {
  expect_word("upscaler.network", options.network, upscaler_names());
  check_upscaler(options);
  expect_between("upscaler.features", options.features, 1, kWidest);
  expect_between("channels that go into the upscaler", channels_in, 1, 4);
  expect_between("channels that come out of the upscaler", channels_out, 1, 4);
  for (const auto& [name, make] : kUpscalers) {
    if (name == options.network) return make(options, channels_in, channels_out, random);
  }
  return nullptr;
}

std::shared_ptr<ImageGenerator> make_translator(const TranslatorOptions& options, int64_t channels_in,
                                                int64_t channels_out, at::Generator random) {
  expect_word("translator.network", options.network, translator_names());
  expect_word("translator.normalization", options.normalization, {"instance", "batch", "none"});
  expect_word("translator.upsampling", options.upsampling, {"resize", "transposed"});
  check_translator(options);
  expect_between("translator.width", options.width, 1, kWidest);
  expect_between("translator.depth", options.depth, 3, 10);
  expect_between("channels that go into the translator", channels_in, 1, kMostKinds);
  expect_between("channels that come out of the translator", channels_out, 1, 4);
  for (const auto& [name, make] : kTranslators) {
    if (name == options.network) return make(options, channels_in, channels_out, random);
  }
  return nullptr;
}

CodeShape code_shape(const GeneratorOptions& generator, const ImageShape& shape, const std::string& codes) {
  CodeShape code{.numbers = generator.latent_size * (codes == "kl" ? 2 : 1)};
  if (generator.convolutional_latent) {
    const auto grid = start_grid("generator", generator.network, generator.depth, shape);
    convolutional_latent_channels(generator.latent_size, grid);
    code.height = grid.height;
    code.width = grid.width;
  }
  return code;
}

std::vector<std::string> generator_names() { return names_of(kGenerators); }

std::vector<std::string> discriminator_names() { return names_of(kDiscriminators); }

std::vector<std::string> encoder_names() { return names_of(kEncoders); }

std::vector<std::string> upscaler_names() { return names_of(kUpscalers); }

std::vector<std::string> translator_names() { return names_of(kTranslators); }

}  // namespace forger
