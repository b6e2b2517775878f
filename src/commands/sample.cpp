#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>

#include "api/shared_samples.h"
#include "commands/commands.h"
#include "commands/output.h"
#include "commands/output_file.h"
#include "commands/processes.h"
#include "core/fail.h"
#include "core/files.h"
#include "core/npz.h"
#include "core/plural.h"
#include "core/team.h"
#include "core/text.h"
#include "core/utf8.h"
#include "forger/images.h"
#include "forger/model.h"
#include "image/grid.h"

namespace forger::commands {
namespace {

namespace fs = std::filesystem;

struct SampleArguments {
  std::string model;
  int64_t count = 64;
  std::string out;
  int64_t seed = 1;
  std::string class_name;
  double truncation = 0;
  bool interpolate = false;
  bool raw = false;
  std::string device = "auto";
  int64_t processes = 1;
};

/// A class by its number or its name.
int64_t class_number(const ModelInfo& info, const std::string& wanted) {
  const auto& names = info.class_names;
  if (wanted.empty()) return -1;
  if (names.empty()) fail("--class: received \"{}\", but the model knows no classes", wanted);
  const auto found = std::find(names.begin(), names.end(), wanted);
  if (found != names.end()) return found - names.begin();
  const bool is_number = wanted.size() < 10 && wanted.find_first_not_of("0123456789") == std::string::npos;
  if (is_number && std::stoll(wanted) < static_cast<int64_t>(names.size())) return std::stoll(wanted);
  fail("--class: received \"{}\", accepted: 0 to {} or {}{}", wanted, names.size() - 1, join(names),
       did_you_mean(wanted, names));
}

/// Throws Error unless samples can be written into it: before they are drawn.
void prepare_sample_folder(const fs::path& folder, bool points) {
  if (points) fail("--out: received {}, accepted for a model of points: a .png or a .npz file", folder.string());
  std::error_code error;
  if (fs::exists(folder) && !fs::is_empty(folder, error)) {
    fail("--out: received {}, which is not an empty folder; accepted: a new folder, a .png or a .npz file",
         folder.string());
  }
  make_folder(folder);
}

/// Those files of a folder that are this process's to draw.
void write_folder(const fs::path& folder, const Model& model, int64_t count, SampleOptions options, Team* team) {
  const auto digits = std::max<size_t>(std::to_string(std::max<int64_t>(count - 1, 0)).size(), 5);
  const int64_t block = samples_at_once(model.info()), rank = team ? team->rank() : 0, size = team ? team->size() : 1;
  for (options.first = rank * block; options.first < count; options.first += size * block) {
    if (team) team->look();
    const auto pixels = model.sample_pixels(std::min(block, count - options.first), options);
    for (int64_t i = 0; i < pixels.size(0); ++i) {
      save_image(folder / fmt::format("{:0{}}.png", options.first + i, digits), pixels[i]);
    }
  }
}

/// Images as an evaluator expects them, bytes `[N, H, W, C]`; points keep their coordinates.
at::Tensor array_of(const at::Tensor& samples, bool points) {
  return points ? samples.flatten(1) : to_bytes(samples).permute({0, 2, 3, 1}).contiguous();
}

int sample_command(const SampleArguments& arguments, const std::shared_ptr<Team>& team) {
  const Model model = Model::load(arguments.model, arguments.device);
  const ModelInfo& info = model.info();
  if (arguments.raw && !info.has_raw) {
    fail("--raw: {} was trained without averaging; its only weights are the raw ones", arguments.model);
  }
  const bool points = info.height_px == 1 && info.width_px == 1;
  SampleOptions options;
  options.seed = static_cast<uint64_t>(arguments.seed);
  options.class_number = class_number(info, arguments.class_name);
  options.truncation = arguments.truncation;
  options.interpolate = arguments.interpolate;
  options.raw = arguments.raw;

  const fs::path out = arguments.out;
  const auto kind = out.extension();
  const bool is_file = kind == ".npz" || kind == ".png";
  if (is_file) {
    prepare_output_file("--out", out);
    const auto samples = sample_in_team(model, arguments.count, options, team.get());
    if (leads(team) && kind == ".npz") write_npz(out, {{points ? "points" : "images", array_of(samples, points)}});
    if (leads(team) && kind == ".png") save_grid(out, samples, arguments.interpolate ? 8 : 0);
  } else {
    prepare_sample_folder(out, points);
    if (team) team->all(true);  // nobody takes what another has drawn for what was there before
    write_folder(out, model, arguments.count, options, team.get());
    if (team) team->all(true);
  }
  print("{} in {}\n", counted(arguments.count, "sample"), printable(out.string()));
  return 0;
}

}  // namespace

void add_sample(Program& program) {
  auto arguments = std::make_shared<SampleArguments>();
  auto* command = program.app.add_subcommand("sample", "Draw samples from a trained model");
  command->add_option("MODEL", arguments->model, "Model file or run folder")->required();
  command->add_option("--count", arguments->count, "Number of samples")
      ->check(CLI::Range(1, 10'000'000))
      ->capture_default_str();
  command->add_option("--out", arguments->out, "A folder for PNG files, a .png file for a grid, or a .npz file")
      ->required();
  command->add_option("--seed", arguments->seed, "Seed of the latents")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command->add_option("--class", arguments->class_name, "Class number or name; default: all in turn");
  command->add_option("--truncation", arguments->truncation, "Redraw latents beyond this: less variety, fewer failures")
      ->check(CLI::Range(0.01, 100.0));
  command->add_flag("--interpolate", arguments->interpolate, "Walk from latent to latent, 8 steps each");
  command->add_flag("--raw", arguments->raw, "Use the last weights instead of the averaged ones");
  command->add_option("--device", arguments->device, "auto, cpu, cuda or cuda:N")->capture_default_str();
  add_processes(*command, arguments->processes);
  command->callback([arguments, &program] {
    program.exit_code = in_processes(arguments->processes, kProcessTimeoutSeconds,
                                     [&](const auto& team) { return sample_command(*arguments, team); });
  });
}

}  // namespace forger::commands
