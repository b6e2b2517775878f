#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>

#include "forger/watch.h"

namespace forger::commands {

/// --watch of a command that trains.
void add_watch_flag(CLI::App& command, bool& watch);

/// With --watch: serves the page about `run`, which may come to be later, while what is returned lives, and says where.
std::unique_ptr<WatchServer> watch_training(bool watch, const std::filesystem::path& run);

}  // namespace forger::commands
