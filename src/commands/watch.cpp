#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "commands/address_flags.h"
#include "commands/commands.h"
#include "commands/output.h"
#include "commands/stop_signal.h"
#include "commands/terminal.h"
#include "core/fail.h"
#include "core/text.h"
#include "core/utf8.h"
#include "forger/watch.h"

namespace forger::commands {
namespace {

struct WatchArguments {
  std::vector<std::string> folders;
  AddressFlags address{.port = WatchOptions{}.port};
};

int watch_command(const WatchArguments& arguments) {
  WatchOptions options;
  options.host = arguments.address.host;
  options.port = arguments.address.port;
  options.token = token_for(arguments.address);
  for (const auto& folder : arguments.folders) {
    if (!std::filesystem::is_directory(folder)) {
      fail("RUNS: received {}, accepted: a run folder, or a folder that holds some", for_message(folder));
    }
    options.folders.emplace_back(folder);
  }
  if (options.folders.empty()) options.folders.emplace_back("runs");
  const StopSignal stop;
  const WatchServer server(options);
  std::vector<std::string> names;
  for (const auto& folder : options.folders) names.push_back(printable(folder.string()));
  print("watching {} at {}\n", join(names), bold(server.link()));
  if (arguments.folders.empty() && !std::filesystem::is_directory("runs")) {
    print_error("note: there is no folder runs here yet; trainings begun here will show\n");
  }
  print_error("Ctrl-C ends it\n");
  StopSignal::wait();
  return 0;
}

}  // namespace

void add_watch(Program& program) {
  auto arguments = std::make_shared<WatchArguments>();
  auto* command = program.app.add_subcommand("watch", "Show trainings, live and finished, on a page in the browser");
  command->add_option("RUNS", arguments->folders, "Run folders, or folders that hold some; default: runs");
  add_address_flags(*command, arguments->address, "Port; where it is taken, the next free one");
  command->callback([arguments, &program] { program.exit_code = watch_command(*arguments); });
}

}  // namespace forger::commands
