#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "api/picture_upscaler.h"
#include "commands/commands.h"
#include "commands/pictures_call.h"
#include "commands/processes.h"
#include "commands/upscale_plan.h"
#include "core/fail.h"
#include "core/text.h"
#include "forger/model.h"

namespace forger::commands {
namespace {

struct TranslateArguments {
  std::string model;
  std::vector<std::string> inputs;
  UpscaleTarget target;
  TranslateOptions options;
  std::string tile = "auto", device = "auto";
  bool resume = false;
  int64_t processes = 1;
};

/// Throws Error where a model has not what is asked for.
void expect_of_model(const TranslateArguments& arguments, const Model& model) {
  const auto& info = model.info();
  const auto& known = info.directions;
  const auto& direction = arguments.options.direction;
  if (!direction.empty() && std::ranges::find(known, direction) == known.end()) {
    fail("--direction: received {}, but {} does not go that way, accepted: {}", direction, arguments.model,
         join(known));
  }
  if (arguments.target.count == 1 || (info.has_variety && !arguments.options.deterministic)) return;
  fail("--count: received {}, but {} makes one translation of each picture, accepted: 1", arguments.target.count,
       arguments.options.deterministic ? "--deterministic" : arguments.model);
}

int translate_command(const TranslateArguments& arguments, const std::shared_ptr<Team>& team) {
  const Model model = Model::load(arguments.model, arguments.device);
  if (model.info().has_translator) expect_of_model(arguments, model);
  PictureUpscaler translator(model, arguments.options, {});
  const Inputs pictures(arguments.inputs);
  const auto plan = plan_upscale(&pictures, {}, arguments.target);
  PicturesCall call(plan, {.what = "translated", .out = arguments.target.out, .resume = arguments.resume}, team);
  translator.watch(call.hooks());
  say_passed_over(pictures);
  call.run([&](const UpscalePlan::Step& step) {
    translator.choose(arguments.options.seed + static_cast<uint64_t>(step.number));
    const auto bytes = std::make_shared<const std::string>(pictures.bytes(step.picture));
    return translator.upscale_file(bytes, step.name, step.out, plan.format);
  });
  return call.finish();
}

}  // namespace

void add_translate(Program& program) {
  auto arguments = std::make_shared<TranslateArguments>();
  auto* command = program.app.add_subcommand("translate", "Make images of another kind of images, with a model of it");
  auto& target = arguments->target;
  auto& options = arguments->options;
  command->add_option("MODEL", arguments->model, "Model file, run folder, or weights of another program")->required();
  command->add_option("IN", arguments->inputs, "Pictures, or folders of them")->required();
  command->add_option("--out,-o", target.out, "File, or folder for what is made")->required();
  add_tile(*command, "--tile,-t", arguments->tile,
           "Side of tiles in pixels, or auto: the whole picture, and tiles only where memory is short");
  command->add_option("--count", target.count, "Translations of each picture, by a model that has many")
      ->check(CLI::Range(1, 10000))
      ->capture_default_str();
  command->add_option("--seed", options.seed, "Which of a picture's translations; --count goes on from it")
      ->capture_default_str();
  command->add_flag("--deterministic", options.deterministic, "Draw nothing: the one translation without dropout");
  command->add_option("--direction", options.direction, "a2b or b2a; default: the model's first, as forger info says")
      ->check(CLI::IsMember({"a2b", "b2a"}));
  command->add_option("--precision", options.precision, "auto, bfloat16 or float32")
      ->check(CLI::IsMember({"auto", "bfloat16", "float32"}))
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
  command->callback([arguments, &program] {
    arguments->options.tile_px = tile_px_of(arguments->tile);
    program.exit_code = in_processes(arguments->processes, kProcessTimeoutSeconds,
                                     [&](const auto& team) { return translate_command(*arguments, team); });
  });
}

}  // namespace forger::commands
