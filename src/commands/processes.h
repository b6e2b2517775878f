#pragma once

#include <CLI/CLI.hpp>

#include <memory>
#include <optional>

#include "forger/team.h"

namespace forger::commands {

/// Adds --processes.
void add_processes(CLI::App& command, int64_t& processes);

/// Starts this command line as so many processes of one team, passes signals on to them and waits for all. Returns the
/// exit code; nothing where there is to be one process, or this is already one of several.
std::optional<int> run_as_processes(int64_t processes);

/// The team that the environment says this process belongs to, once all are there; null where it is alone.
std::shared_ptr<Team> join_team_of_call(double timeout_seconds);

}  // namespace forger::commands
