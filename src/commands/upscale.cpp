#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/picture_upscaler.h"
#include "api/video.h"
#include "commands/commands.h"
#include "commands/pictures_call.h"
#include "commands/processes.h"
#include "commands/upscale_plan.h"
#include "commands/whole_numbers.h"
#include "core/fail.h"
#include "forger/model.h"

namespace forger::commands {
namespace {

namespace fs = std::filesystem;

struct UpscaleArguments {
  std::string model;
  std::vector<std::string> inputs;
  UpscaleTarget target;
  UpscaleOptions options;
  std::string tile = "auto", alpha = "keep", device = "auto";
  bool resume = false;
  int64_t processes = 1;
  /// The ncnn tools' ways to name a model and its inputs.
  std::string model_name, model_folder;
  std::vector<std::string> more_inputs;
};

/// With the ncnn tools' letters, a model and inputs need no places of their own.
void settle(UpscaleArguments& arguments) {
  if (!arguments.model_name.empty() || !arguments.model_folder.empty()) {
    if (!arguments.model.empty()) arguments.inputs.insert(arguments.inputs.begin(), arguments.model);
    const fs::path folder = arguments.model_folder, whole = folder / arguments.model_name;
    arguments.model = whole.string();
    for (const char* ending : {".safetensors", ".pth"}) {
      std::error_code unknown;
      const bool is_there = fs::exists(arguments.model, unknown);
      if (!is_there && fs::exists(whole.string() + ending, unknown)) arguments.model = whole.string() + ending;
    }
  }
  for (auto& input : arguments.more_inputs) arguments.inputs.push_back(std::move(input));
  if (arguments.model.empty()) fail("MODEL: received nothing, accepted: a model file or a run folder");
  if (arguments.inputs.empty()) fail("IN: received nothing, accepted: pictures, folders of them, or videos");
  if (arguments.target.out.empty()) fail("--out: received nothing, accepted: a file or a folder");
  arguments.options.alpha = arguments.alpha == "keep";
  arguments.options.tile_px = tile_px_of(arguments.tile);
}

int upscale_command(const UpscaleArguments& arguments, const std::shared_ptr<Team>& team) {
  std::vector<std::string> videos, names;
  for (const auto& input : arguments.inputs) {
    std::error_code unknown;
    (is_video(input) && fs::is_regular_file(input, unknown) ? videos : names).push_back(input);
  }
  if (!videos.empty()) expect_ffmpeg();
  const Model model = Model::load(arguments.model, arguments.device);
  std::optional<Inputs> pictures;
  if (!names.empty()) pictures.emplace(names);
  const auto plan = plan_upscale(pictures ? &*pictures : nullptr, videos, arguments.target);
  PicturesCall call(plan, {.what = "upscaled", .out = arguments.target.out, .resume = arguments.resume}, team);
  PictureUpscaler upscaler(model, arguments.options, call.hooks());
  if (pictures) say_passed_over(*pictures);
  call.run([&](const UpscalePlan::Step& step) {
    if (step.picture < 0) return upscaler.upscale_video(step.name, step.out);
    const auto bytes = std::make_shared<const std::string>(pictures->bytes(step.picture));
    return upscaler.upscale_file(bytes, step.name, step.out, plan.format);
  });
  return call.finish();
}

}  // namespace

void add_upscale(Program& program) {
  auto arguments = std::make_shared<UpscaleArguments>();
  auto* command =
      program.app.add_subcommand("upscale", "Make pictures and videos larger, with a model of super-resolution");
  auto& target = arguments->target;
  auto& options = arguments->options;
  command->add_option("MODEL", arguments->model, "Model file, run folder, or weights of another program");
  command->add_option("IN", arguments->inputs, "Pictures, folders of them, or videos");
  command->add_option("--out,-o", target.out, "File, or folder for what is made");
  command
      ->add_option("--scale,-s", options.scale,
                   "Sides of what comes out over sides of what goes in; default: the model's")
      ->check(CLI::Range(0.01, 64.0));
  add_tile(*command, "--tile,-t", arguments->tile, "Side of tiles in pixels, or auto: what fits into free memory");
  command->add_flag("--wrap", options.wrap, "Borders go on at the opposite side, as those of textures do");
  command->add_flag("--tta,-x", options.tta, "The mean of eight turns and flips: eight times the work");
  command->add_option("--precision", options.precision, "auto, bfloat16 or float32")
      ->check(CLI::IsMember({"auto", "bfloat16", "float32"}))
      ->capture_default_str();
  command->add_option("--alpha", arguments->alpha, "keep: enlarge what is see-through, too; drop: lay it over white")
      ->check(CLI::IsMember({"keep", "drop"}))
      ->capture_default_str();
  command->add_option("--format,-f", target.format, "Of the files in a folder; default: png")
      ->check(CLI::IsMember({"png", "jpg", "webp"}));
  command->add_option("--quality", options.quality, "Of JPEG and WebP; WebP with 100 is without loss")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  command->add_option("--suffix", target.suffix, "Behind the names of what is made");
  command->add_flag("--resume", arguments->resume, "Pass over what is there already");
  add_processes(*command, arguments->processes);
  command->add_option("--device", arguments->device, "auto, cpu, cuda or cuda:N")->capture_default_str();
  command->add_option("-i", arguments->more_inputs, "Another way to name inputs");
  command->add_option("-n", arguments->model_name, "Another way to name the model");
  command->add_option("-m", arguments->model_folder, "Folder in which -n names the model, or the model");
  command->callback([arguments, &program] {
    settle(*arguments);
    program.exit_code = in_processes(arguments->processes, kProcessTimeoutSeconds,
                                     [&](const auto& team) { return upscale_command(*arguments, team); });
  });
}

}  // namespace forger::commands
