#include <cstdlib>
#include <string>

#include "core/fail.h"
#include "core/local_processes.h"
#include "forger/team.h"

namespace forger {
namespace {

constexpr int64_t kMostProcesses = 1'000'000;
constexpr uint16_t kUsualPort = 29500;

std::optional<std::string> variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr || *value == '\0' ? std::nullopt : std::optional<std::string>(value);
}

int64_t number(const char* name, const std::string& text, int64_t least, int64_t most) {
  char* end = nullptr;
  const long long value = std::strtoll(text.c_str(), &end, 10);
  if (*end != '\0' || value < least || value > most) {
    fail("{}: received \"{}\", accepted: a whole number from {} to {}", name, text, least, most);
  }
  return value;
}

/// The first of the variables that is set, a number of processes from `least` on.
std::optional<int64_t> first_number(std::initializer_list<const char*> names, int64_t least) {
  for (const char* name : names) {
    if (const auto text = variable(name)) return number(name, *text, least, kMostProcesses);
  }
  return std::nullopt;
}

/// The first of "node[01-04,07],other".
std::string first_host(const std::string& list) {
  const auto open = list.find('['), comma = list.find(',');
  if (open == std::string::npos || comma < open) return list.substr(0, comma);
  return list.substr(0, open) + list.substr(open + 1, list.find_first_of("-,]", open) - open - 1);
}

struct Starter {
  const char *rank, *size;
};
/// Slurm's are those of the step, which `srun` starts: a batch script is one process.
constexpr Starter kStarters[] = {{"RANK", "WORLD_SIZE"},
                                 {"OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"},
                                 {"PMI_RANK", "PMI_SIZE"},
                                 {"SLURM_PROCID", "SLURM_STEP_NUM_TASKS"}};

}  // namespace

int64_t local_processes() { return first_number({"LOCAL_WORLD_SIZE", "OMPI_COMM_WORLD_LOCAL_SIZE"}, 1).value_or(1); }

int64_t local_rank() {
  return first_number({"LOCAL_RANK", "OMPI_COMM_WORLD_LOCAL_RANK", "MPI_LOCALRANKID", "SLURM_LOCALID"}, 0).value_or(0);
}

std::optional<TeamOptions> team_in_environment() {
  for (const auto& starter : kStarters) {
    const auto rank = variable(starter.rank), size = variable(starter.size);
    if (!size) continue;
    if (!rank) fail("{}: {} is set and this is not; accepted: both or neither", starter.rank, starter.size);
    TeamOptions options;
    options.size = number(starter.size, *size, 1, kMostProcesses);
    options.rank = number(starter.rank, *rank, 0, options.size - 1);
    if (options.size == 1) return std::nullopt;
    const auto address = variable("MASTER_ADDR"), hosts = variable("SLURM_STEP_NODELIST");
    if (!address && !hosts) fail("MASTER_ADDR is not set; accepted: the name or number of the machine of rank 0");
    options.address = address ? *address : first_host(*hosts);
    const auto port = variable("MASTER_PORT");
    options.port = port ? static_cast<uint16_t>(number("MASTER_PORT", *port, 1, 65535)) : kUsualPort;
    options.starter_keeps_store = variable("TORCHELASTIC_USE_AGENT_STORE") == "True";
    if (const auto restarts = variable("TORCHELASTIC_RESTART_COUNT")) {
      options.restarts = number("TORCHELASTIC_RESTART_COUNT", *restarts, 0, kMostProcesses);
    }
    if (const auto restarts = variable("TORCHELASTIC_MAX_RESTARTS")) {
      options.may_restart = number("TORCHELASTIC_MAX_RESTARTS", *restarts, 0, kMostProcesses) > 0;
    }
    return options;
  }
  return std::nullopt;
}

}  // namespace forger
