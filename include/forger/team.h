#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "forger/error.h"

namespace forger {

/// Another process of the team is gone, or does not fit. Rank 0 says what happened; for the others `is_told` is true:
/// it has been or will be said elsewhere.
class TeamError : public Error {
 public:
  TeamError(const std::string& message, bool is_told) : Error(message), is_told_(is_told) {}
  bool is_told() const { return is_told_; }

 private:
  bool is_told_;
};

/// How processes find each other.
struct TeamOptions {
  /// This process's number, from 0, and how many there are.
  int64_t rank = 0, size = 1;
  /// Where rank 0, or who started all, keeps the store by which they meet.
  std::string address = "127.0.0.1";
  uint16_t port = 0;
  /// Whether who started all keeps the store, and not rank 0.
  bool starter_keeps_store = false;
  /// How often all have been started before.
  int64_t restarts = 0;
  /// Whether they will be when one of them fails.
  bool may_restart = false;
  /// Seconds after which a process that does not answer is taken for lost.
  double timeout_seconds = 60;
  /// Whether they exchange numbers through memory, where all are on one machine.
  bool shares_memory = true;
};

/// What torchrun (RANK, WORLD_SIZE, MASTER_ADDR, MASTER_PORT), Slurm (SLURM_PROCID …) or MPI (OMPI_COMM_WORLD_RANK,
/// PMI_RANK …) says of this process in the environment; none where it was started alone. Throws Error where only a part
/// is said.
std::optional<TeamOptions> team_in_environment();

class Team;

/// Waits for the other processes. Throws TeamError where they do not all come in time, and Error where the port is in
/// use.
std::shared_ptr<Team> join_team(const TeamOptions& options);

}  // namespace forger
