#include "commands/watch_training.h"

#include "commands/output.h"

namespace forger::commands {

void add_watch_flag(CLI::App& command, bool& watch) {
  command.add_flag("--watch", watch, "Show it on a page in the browser meanwhile");
}

std::unique_ptr<WatchServer> watch_training(bool watch, const std::filesystem::path& run) {
  if (!watch) return nullptr;
  WatchOptions options;
  options.folders.push_back(run);
  auto server = std::make_unique<WatchServer>(options);
  print_error("watch it at {}\n", server->link());
  return server;
}

}  // namespace forger::commands
