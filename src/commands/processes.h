#pragma once

#include <CLI/CLI.hpp>

#include <cstdint>
#include <functional>
#include <memory>

#include "forger/team.h"

namespace forger::commands {

/// Adds --processes.
void add_processes(CLI::App& command, int64_t& processes);

/// Seconds after which a process that does not answer is taken for lost, but in trainings, which say so themselves.
inline constexpr double kProcessTimeoutSeconds = 60;

/// What a command does as one of a team's processes, or alone, where the team is null. Returns the exit code.
using TeamWork = std::function<int(const std::shared_ptr<Team>& team)>;

/// Runs the work of a command that several processes can share. Where `processes` are asked for, starts this command
/// line as so many, passes signals on to them and waits for all; as one of several that somebody has started, as the
/// environment says, does `work` once all are there; else alone. Rank 0 alone prints meanwhile, and what goes wrong in
/// one process ends all. Returns the exit code.
int in_processes(int64_t processes, double timeout_seconds, const TeamWork& work);

/// Whether this process is the one of its team that prints and writes for all.
bool leads(const std::shared_ptr<Team>& team);

}  // namespace forger::commands
