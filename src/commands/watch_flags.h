#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <string>

#include "forger/watch.h"

namespace forger::commands {

/// Where a page is served.
struct WatchFlags {
  std::string host = "127.0.0.1";
  int port = 7860;
  std::string token_file;
};

/// --port, --host, --token-file.
void add_watch_flags(CLI::App& command, WatchFlags& flags);

/// --watch of a command that trains.
void add_watch_flag(CLI::App& command, bool& watch);
/// With --watch: serves the page about `run`, which may come to be later, while what is returned lives, and says where.
std::unique_ptr<WatchServer> watch_training(bool watch, const std::filesystem::path& run);

/// The options without folders. Where others can reach the host and no token is given, one is drawn. Throws Error when
/// the file of the token cannot be read or holds none.
WatchOptions watch_options(const WatchFlags& flags);

}  // namespace forger::commands
