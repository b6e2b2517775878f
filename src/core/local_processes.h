#pragma once

#include <cstdint>

namespace forger {

/// How many processes of this one's team are on this machine, as far as the environment says (LOCAL_WORLD_SIZE,
/// OMPI_COMM_WORLD_LOCAL_SIZE); else 1. They share its processors.
int64_t local_processes();

/// Which of them this one is, from 0 (LOCAL_RANK, OMPI_COMM_WORLD_LOCAL_RANK, MPI_LOCALRANKID, SLURM_LOCALID); else 0.
int64_t local_rank();

}  // namespace forger
