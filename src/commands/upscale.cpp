#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/picture_upscaler.h"
#include "api/video.h"
#include "commands/commands.h"
#include "commands/complaints.h"
#include "commands/output.h"
#include "commands/output_file.h"
#include "commands/stop_signal.h"
#include "commands/upscale_plan.h"
#include "commands/whole_numbers.h"
#include "commands/work_progress.h"
#include "core/fail.h"
#include "core/files.h"
#include "core/utf8.h"
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
  if (arguments.tile != "auto") arguments.options.tile_px = std::stoll(arguments.tile);
}

/// A call over many pictures: what cannot be read or made is named, and the rest is done.
class UpscaleCall {
 public:
  UpscaleCall(const UpscaleArguments& arguments, const UpscalePlan& plan)
      : arguments_(arguments), plan_(plan), progress_(static_cast<int64_t>(plan.steps.size())) {}

  UpscaleHooks hooks() {
    return {.goes_on =
                [this](double done) {
                  progress_.show(number_, plan_.steps[static_cast<size_t>(number_)].name, done);
                  return !StopSignal::received();
                },
            .on_message =
                [this](const std::string& text) {
                  progress_.clear();
                  print_error("{}\n", printable(text));
                }};
  }

  /// `work` makes one file, and says whether it was not stopped.
  void run(const std::function<bool(const UpscalePlan::Step&)>& work) {
    for (const auto& step : plan_.steps) {
      if (StopSignal::received()) break;
      std::error_code unknown;
      if (arguments_.resume && fs::exists(step.out, unknown)) {
        ++there_;
        progress_.pass_over();
      } else if (!try_step(step, work)) {
        break;
      }
      ++number_;
    }
    progress_.clear();
  }

  int finish() {
    skipped_.finish();
    const auto count = static_cast<int64_t>(plan_.steps.size());
    if (there_ > 0) print("{} of {} were there already\n", there_, count);
    if (plan_.made_before > 0) print("{} inputs left out: they are what this makes of others\n", plan_.made_before);
    if (number_ < count) {
      print_error("stopped after {} of {}\n", number_, count);
      return kInterrupted;
    }
    if (skipped_.count == count && count > 0) {
      fail("none of {} can be upscaled; the first: {}", count, skipped_.first);
    }
    if (made_ > 0) print("{} upscaled to {}\n", made_, printable(arguments_.target.out));
    return skipped_.count > 0 ? kSomeSkipped : 0;
  }

  void complain(const std::string& what) { skipped_.add(what); }

 private:
  bool try_step(const UpscalePlan::Step& step, const std::function<bool(const UpscalePlan::Step&)>& work) {
    try {
      prepare_output_file("--out", step.out);
      if (!work(step)) return false;
      ++made_;
    } catch (const WriteError& error) {
      if (error.ends_all()) throw;
      skip(fmt::format("{}: {}", step.name, error.what()));
    } catch (const Error& error) {
      skip(full_reason(error.what(), step.name));
    }
    return true;
  }

  void skip(const std::string& reason) {
    progress_.clear();
    if (plan_.steps.size() == 1) fail("{}", reason);
    skipped_.add(reason);
  }

  const UpscaleArguments& arguments_;
  const UpscalePlan& plan_;
  WorkProgress progress_;
  StopSignal signal_;
  Complaints skipped_{"skipped"};
  int64_t number_ = 0, made_ = 0, there_ = 0;
};

int upscale_command(UpscaleArguments arguments) {
  settle(arguments);
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
  UpscaleCall call(arguments, plan);
  PictureUpscaler upscaler(model, arguments.options, call.hooks());
  if (pictures && !pictures->ignored().empty()) {
    print_error("passed over: {} (no PNG, JPEG or WebP by name, or no data)\n", passed_over_text(pictures->ignored()));
  }
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
  command->add_option("--tile,-t", arguments->tile, "Side of tiles in pixels, or auto: what fits into free memory")
      ->check([](const std::string& text) {
        const bool is_number = !text.empty() && text.size() < 7 && text.find_first_not_of("0123456789") == text.npos;
        return text == "auto" || is_number ? std::string() : "received " + text + ", accepted: auto, or 32 and more";
      })
      ->capture_default_str();
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
  command->add_option("--device", arguments->device, "auto, cpu, cuda or cuda:N")->capture_default_str();
  command->add_option("-i", arguments->more_inputs, "Another way to name inputs");
  command->add_option("-n", arguments->model_name, "Another way to name the model");
  command->add_option("-m", arguments->model_folder, "Folder in which -n names the model, or the model");
  command->callback([arguments, &program] { program.exit_code = upscale_command(*arguments); });
}

}  // namespace forger::commands
