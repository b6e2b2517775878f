#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "commands/commands.h"
#include "commands/output.h"
#include "commands/processes.h"
#include "commands/progress.h"
#include "commands/settings.h"
#include "commands/terminal.h"
#include "commands/watch_training.h"
#include "core/fail.h"
#include "core/plural.h"
#include "core/team.h"
#include "core/text.h"
#include "core/utf8.h"
#include "forger/training.h"
#include "run/run_folder.h"

namespace forger::commands {
namespace {

struct TrainArguments {
  std::string data;
  std::string recipe;
  std::string out;
  BudgetArguments budget;
  RefereeArguments referee;
  std::vector<std::string> settings;
  int64_t seed = -1;
  std::string device;
  bool dry_run = false;
  bool watch = false;
  int64_t processes = 1;
  ShowArguments show;
};

/// What is to be trained; `notices` gets what is to be said of the recipe.
Config config_of(const TrainArguments& arguments, std::vector<std::string>& notices) {
  const std::string recipe = arguments.recipe.empty() ? default_recipe(arguments.data) : arguments.recipe;
  Config config = Config::from_recipe_or_file(recipe, &notices);
  config.data.source = arguments.data;
  for (const auto& [key, value] : budget_settings(arguments.budget)) config.set(key, value);
  for (const auto& [key, value] : referee_settings(arguments.referee)) config.set(key, value);
  for (const auto& [key, value] : split_settings(arguments.settings)) {
    config.set(key, key == "data.classes" ? classes_in_numbers(value, config.data) : value, &notices);
  }
  if (arguments.seed >= 0) config.training.seed = static_cast<uint64_t>(arguments.seed);
  if (!arguments.device.empty()) config.training.device = arguments.device;
  return config;
}

void print_plan(const TrainingPlan& plan) {
  print("{}\n", plan.config.to_toml());
  print("{}\n", plan.networks);
  for (const auto& notice : plan.notices) print("{}\n", printable(notice));
  print("{}, {} held out\n", counted(plan.training_images, "training image"), plan.held_out_images);
  for (const auto& line : plan.conversion) print("{}\n", printable(line));
  print("about {:.1f} s per 1,000 images ({:.0f} images/s), {} of memory\n", plan.seconds_per_1000_images,
        1000 / plan.seconds_per_1000_images, format_bytes(static_cast<double>(plan.memory_bytes)));
}

/// Where the run is to be. A training that may be started again has to find it.
std::filesystem::path run_of(const TrainArguments& arguments, const Config& config, const Team* team) {
  if (!arguments.out.empty()) return arguments.out;
  if (team && team->may_restart())
    fail("--out: received none, accepted: the run folder, where all may be started again");
  return RunFolder::next_name(config);
}

int train_command(const TrainArguments& arguments) {
  std::vector<std::string> notices;
  const Config config = config_of(arguments, notices);
  if (arguments.dry_run) {
    for (const auto& notice : notices) print_error("{}\n", printable(notice));
    print_plan(plan_training(config));
    return 0;
  }
  return in_processes(arguments.processes, config.training.process_timeout, [&](const std::shared_ptr<Team>& team) {
    for (const auto& notice : notices) print_error("{}\n", printable(notice));
    const Show show = show_of(arguments.show);
    const bool again = team && team->restarts() > 0;
    const auto out = run_of(arguments, config, team.get());
    const bool goes_on = again && team->text(RunFolder::is_run(out) ? "yes" : "no") == "yes";
    if (show == Show::progress) {
      print("{} {} on {} into {}\n", goes_on ? "going on with" : "training", bold(printable(config.recipe)),
            bold(printable(config.data.source)), bold(printable(out.string())));
    }
    const auto server = watch_training(arguments.watch && leads(team), out);
    Progress progress(show, team);
    return progress.finish(goes_on ? resume(out, {}, progress.hooks()) : train(config, out, progress.hooks()));
  });
}

}  // namespace

void add_train(Program& program) {
  auto arguments = std::make_shared<TrainArguments>();
  auto* command = program.app.add_subcommand("train", "Train a GAN on images");
  command
      ->add_option("DATA", arguments->data,
                   "Folder, zip archive, IDX file, tar shards (shards/{000..127}.tar) or synthetic:ring8|grid25|shapes")
      ->required();
  command->add_option("--recipe", arguments->recipe,
                      "Name (see `forger recipes`) or TOML file; default: fast, or points for 2-D points");
  command->add_option("--out", arguments->out, "Run folder; default: runs/NNN-recipe-data");
  add_budget(*command, arguments->budget);
  add_referee(*command, arguments->referee);
  add_settings(*command, arguments->settings);
  command->add_option("--seed", arguments->seed, "Seed of all randomness")->check(CLI::NonNegativeNumber);
  command->add_option("--device", arguments->device, "auto, cpu, cuda or cuda:N");
  command->add_flag("--dry-run", arguments->dry_run,
                    "Print recipe, networks and an estimate of memory and time; start nothing");
  add_watch_flag(*command, arguments->watch);
  add_processes(*command, arguments->processes);
  add_show(*command, arguments->show);
  command->callback([arguments, &program] { program.exit_code = train_command(*arguments); });
}

}  // namespace forger::commands
