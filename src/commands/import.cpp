#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <string>

#include "commands/commands.h"
#include "commands/output.h"
#include "commands/output_file.h"
#include "core/utf8.h"
#include "forger/model.h"

namespace forger::commands {
namespace {

struct ImportArguments {
  std::string file;
  std::string as;
  std::string out;
};

int import_command(const ImportArguments& arguments) {
  prepare_output_file("--out", arguments.out);
  import_weights(arguments.file, arguments.out, arguments.as);
  const ModelInfo info = Model::load(arguments.out, "cpu").info();
  const auto made = info.has_upscaler ? fmt::format("scale {}", info.scale)
                                      : fmt::format("{} channels to {}", info.source_channels, info.channels);
  print("{}: {}, {}, {} weights, in {}\n", printable(info.provenance.at("imported_layout")),
        printable(info.architecture), made, info.weights, printable(arguments.out));
  return 0;
}

}  // namespace

void add_import(Program& program) {
  auto arguments = std::make_shared<ImportArguments>();
  auto* command = program.app.add_subcommand(
      "import", "Make a model file of another program's weights: super-resolution, CycleGAN, pix2pix");
  command->add_option("FILE", arguments->file, "Weights: .pth or .pt of PyTorch, or .safetensors")->required();
  command->add_option("--as", arguments->as,
                      "The architecture, where it is not to be recognised: rrdbnet, compact, span, realplksr, "
                      "swinir, dat, cyclegan-resnet or pix2pix-unet");
  command->add_option("--out", arguments->out, "The model file, .safetensors")->required();
  command->callback([arguments, &program] { program.exit_code = import_command(*arguments); });
}

}  // namespace forger::commands
