#pragma once

#include <cstdint>

namespace forger {

/// How many processes of this one's team are on this machine, as far as the environment says (LOCAL_WORLD_SIZE,
/// OMPI_COMM_WORLD_LOCAL_SIZE); else 1. They share its processors.
int64_t local_processes();

}  // namespace forger
