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
#include "core/utf8.h"
#include "forger/training.h"

namespace forger::commands {
namespace {

struct ResumeArguments {
  std::string run;
  BudgetArguments budget;
  RefereeArguments referee;
  std::vector<std::string> settings;
  std::string device;
  bool watch = false;
  int64_t processes = 1;
  ShowArguments show;
};

/// Before the run's configuration is read, which may be on another machine.
double process_timeout(const Settings& settings) {
  Config config;
  for (const auto& [key, value] : settings) {
    if (key == "training.process_timeout") config.set(key, value);
  }
  return config.training.process_timeout;
}

int resume_command(const ResumeArguments& arguments) {
  Settings settings = budget_settings(arguments.budget);
  for (auto& setting : referee_settings(arguments.referee)) settings.push_back(std::move(setting));
  for (auto& setting : split_settings(arguments.settings)) settings.push_back(std::move(setting));
  if (!arguments.device.empty()) settings.emplace_back("training.device", arguments.device);

  return in_processes(arguments.processes, process_timeout(settings), [&](const std::shared_ptr<Team>& team) {
    const Show show = show_of(arguments.show);
    if (show == Show::progress) print("resuming {}\n", bold(printable(arguments.run)));
    const auto server = watch_training(arguments.watch && leads(team), arguments.run);
    Progress progress(show, team);
    return progress.finish(resume(arguments.run, settings, progress.hooks()));
  });
}

}  // namespace

void add_resume(Program& program) {
  auto arguments = std::make_shared<ResumeArguments>();
  auto* command = program.app.add_subcommand("resume", "Go on with a stopped training, exactly where it was");
  command->add_option("RUN", arguments->run, "Run folder")->required();
  add_budget(*command, arguments->budget);
  add_referee(*command, arguments->referee);
  add_settings(*command, arguments->settings);
  command->add_option("--device", arguments->device, "auto, cpu, cuda or cuda:N");
  add_watch_flag(*command, arguments->watch);
  add_processes(*command, arguments->processes);
  add_show(*command, arguments->show);
  command->callback([arguments, &program] { program.exit_code = resume_command(*arguments); });
}

}  // namespace forger::commands
