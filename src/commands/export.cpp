#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "commands/commands.h"
#include "commands/complaints.h"
#include "commands/output.h"
#include "commands/output_file.h"
#include "commands/sides_flag.h"
#include "core/fail.h"
#include "core/files.h"
#include "core/plural.h"
#include "core/text.h"
#include "core/utf8.h"
#include "forger/model.h"
#include "onnx/onnx_outline.h"

namespace forger::commands {
namespace {

struct ExportArguments {
  std::string model, out, size;
  ExportOptions options;
  const CLI::Option* opset = nullptr;
  bool verify = false;
};

constexpr int64_t kLargestSidePx = 1 << 16;

void print_tensors(const char* direction, const std::vector<ExportedTensor>& tensors) {
  for (const auto& tensor : tensors) {
    print("  {:<4} {:<11} {:<8} [{}]\n", direction, tensor.name, tensor.type, join(tensor.sides));
  }
}

/// How far apart both may be: pictures in levels, other numbers relative to what is above 1.
constexpr double kMostLevels = 1, kMostApart = 1e-4, kMostApartOfDetectors = 1e-3;
/// The same of float16, which has three digits.
constexpr double kMostLevelsOfHalf = 8, kMostApartOfHalf = 0.05;

/// Returns the exit code.
int tell(const Verified& verified, const Exported& written, bool half) {
  const double numbers = half ? kMostApartOfHalf : written.part == "detector" ? kMostApartOfDetectors : kMostApart;
  bool agrees = true;
  print("{}, {}, beside Forger in float32: largest difference\n", verified.runtime, counted(verified.runs, "run"));
  for (const auto& [output, is_picture, largest] : verified.differences) {
    const bool fits = largest <= (!is_picture ? numbers : half ? kMostLevelsOfHalf : kMostLevels);
    agrees = agrees && fits;
    print("  {:<11} {:.2g}{}{}\n", output, largest, is_picture ? " of 255 levels" : "", fits ? "" : ", too large");
  }
  return agrees ? 0 : 1;
}

/// What can be said of a written file where nothing is here that runs it. Throws Error where it is damaged.
void check_structure(const std::filesystem::path& file) {
  const auto outline = parse_onnx(read_file(file), file.string());
  const auto faults = faults_of(outline, file.parent_path());
  for (const auto& fault : faults) print_error("{}: {}\n", printable(file.string()), fault);
  if (!faults.empty()) fail("{}: its structure is damaged", file.string());
  print("structure of {}: {} and {}, each input made before it is taken, each name there once\n",
        printable(file.string()), counted(static_cast<int64_t>(outline.nodes.size()), "node"),
        counted(static_cast<int64_t>(outline.weights.size()), "weight"));
}

int verify_onnx(const Model& model, const std::filesystem::path& file, const Exported& written, bool half) {
  const auto verified = model.verify_onnx(file, written);
  if (verified) return tell(*verified, written, half);
  check_structure(file);
  print_error(
      "not run: there is no ONNX Runtime in ONNXRUNTIME_DIR, beside LibTorch, in VIRTUAL_ENV or where the "
      "loader looks; `pip install onnxruntime` brings it, or a release of github.com/microsoft/onnxruntime whose "
      "folder ONNXRUNTIME_DIR names\n");
  return kSomeSkipped;
}

int write_onnx_file(const Model& model, const std::filesystem::path& out, const ExportOptions& options, bool verify) {
  const auto written = model.export_onnx(out, options);
  const auto beside = written.beside_bytes > 0 ? fmt::format(", and {} of weights in {}.data",
                                                             format_bytes(static_cast<double>(written.beside_bytes)),
                                                             printable(out.string()))
                                               : "";
  print("{} in {}: {}, {}{}, opset {}\n", written.part, printable(out.string()), counted(written.nodes, "node"),
        format_bytes(static_cast<double>(written.file_bytes)), beside, options.opset);
  print_tensors("in", written.inputs);
  print_tensors("out", written.outputs);
  return verify ? verify_onnx(model, out, written, options.half) : 0;
}

int write_script_file(const Model& model, const std::filesystem::path& out, const ExportOptions& options, bool verify) {
  const auto written = model.export_torchscript(out, options);
  print("{} in {}: {}, {}, TorchScript\n", written.part, printable(out.string()), counted(written.nodes, "operation"),
        format_bytes(static_cast<double>(written.file_bytes)));
  print_tensors("in", written.inputs);
  print_tensors("out", written.outputs);
  print_error("note: PyTorch loads TorchScript but calls it old; other programs take .onnx\n");
  return verify ? tell(model.verify_torchscript(out, written), written, options.half) : 0;
}

int export_command(ExportArguments arguments) {
  const std::filesystem::path out = arguments.out;
  const bool is_script = out.extension() == ".pt";
  if (!is_script && out.extension() != ".onnx") {
    fail("--out: received {}, accepted: a name that ends in .onnx, or in .pt for TorchScript", out.string());
  }
  auto& options = arguments.options;
  if (is_script && arguments.opset->count() > 0) {
    fail("--opset: received {} for TorchScript, which has no such versions; accepted: for a name that ends in .onnx",
         options.opset);
  }
  if (!arguments.size.empty()) {
    const auto sides = parse_sides(arguments.size, kLargestSidePx);
    options.width_px = sides.width_px;
    options.height_px = sides.height_px;
  }
  const Model model = Model::load(arguments.model, "cpu");
  prepare_output_file("--out", out);
  return is_script ? write_script_file(model, out, options, arguments.verify)
                   : write_onnx_file(model, out, options, arguments.verify);
}

}  // namespace

void add_export(Program& program) {
  auto arguments = std::make_shared<ExportArguments>();
  auto* command =
      program.app.add_subcommand("export", "Write a model as an ONNX file, for ONNX Runtime, TensorRT, a browser");
  auto& options = arguments->options;
  command->add_option("MODEL", arguments->model, "Model file, run folder, or weights of another program")->required();
  command->add_option("--out,-o", arguments->out, "The file, .onnx, or .pt for TorchScript")->required();
  command->add_option("--part", options.part, "Which network; default: what the model is for")
      ->check(CLI::IsMember({"generator", "encoder", "detector", "upscaler", "a2b", "b2a"}));
  arguments->opset = command->add_option("--opset", options.opset, "Of ONNX files: version of the operators, 13 to 20")
                         ->capture_default_str();
  command->add_option("--size", arguments->size,
                      "Side or WIDTHxHEIGHT of pictures that go in; default: any where it can be");
  command->add_flag("--half", options.half, "Weights and arithmetic in float16");
  command->add_flag("--raw", options.raw,
                    "Float tensors [N, C, H, W] in [-1, 1] in place of uint8 pictures [N, H, W, C]");
  command->add_flag("--verify", arguments->verify,
                    "Run the file, in ONNX Runtime if it is here or in LibTorch, and compare");
  command->callback([arguments, &program] { program.exit_code = export_command(*arguments); });
}

}  // namespace forger::commands
