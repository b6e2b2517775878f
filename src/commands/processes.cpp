#include "commands/processes.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "commands/output.h"
#include "core/clock.h"
#include "core/fail.h"
#include "core/files.h"
#include "core/team_store.h"

namespace forger::commands {
namespace {

constexpr int kPassedOn[] = {SIGINT, SIGTERM, SIGHUP};
constexpr size_t kMostProcesses = 1024;
/// After one has failed, the others have so long to notice it.
constexpr double kPatienceSeconds = 15;
/// Signals that handlers pass on to these.
std::array<std::atomic<pid_t>, kMostProcesses> children{};

void pass_on(int signal) {
  const int error = errno;
  for (const auto& child : children) {
    if (const pid_t pid = child; pid > 0) ::kill(pid, signal);
  }
  errno = error;
}

/// While one lives, signals go on to the children.
class PassedOn {
 public:
  PassedOn() {
    for (size_t i = 0; i < std::size(kPassedOn); ++i) {
      struct sigaction action{};
      action.sa_handler = pass_on;
      action.sa_flags = SA_RESTART;
      ::sigaction(kPassedOn[i], &action, &before_[i]);
      if (before_[i].sa_handler == SIG_IGN) ::sigaction(kPassedOn[i], &before_[i], nullptr);  // nohup
    }
  }
  ~PassedOn() {
    for (size_t i = 0; i < std::size(kPassedOn); ++i) ::sigaction(kPassedOn[i], &before_[i], nullptr);
  }
  PassedOn(const PassedOn&) = delete;
  PassedOn& operator=(const PassedOn&) = delete;

 private:
  struct sigaction before_[std::size(kPassedOn)];
};

std::vector<std::string> own_arguments() {
  std::vector<std::string> arguments;
  const std::string text = read_file("/proc/self/cmdline");
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\0', begin), text.size());
    arguments.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return arguments;
}

std::vector<std::string> environment_of(int64_t rank, int64_t processes, uint16_t port) {
  const auto threads = std::max<int64_t>(1, static_cast<int64_t>(std::thread::hardware_concurrency()) / processes);
  std::vector<std::string> variables = {
      fmt::format("RANK={}", rank), fmt::format("LOCAL_RANK={}", rank),  fmt::format("WORLD_SIZE={}", processes),
      "MASTER_ADDR=127.0.0.1",      fmt::format("MASTER_PORT={}", port), "TORCHELASTIC_USE_AGENT_STORE=True"};
  if (std::getenv("OMP_NUM_THREADS") == nullptr) variables.push_back(fmt::format("OMP_NUM_THREADS={}", threads));
  for (char** variable = ::environ; *variable != nullptr; ++variable) {
    const std::string text = *variable;
    const auto name = text.substr(0, text.find('=') + 1);
    if (std::ranges::none_of(variables, [&](const auto& set) { return set.starts_with(name); })) {
      variables.push_back(text);
    }
  }
  return variables;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> all;
  for (auto& text : texts) all.push_back(text.data());
  all.push_back(nullptr);
  return all;
}

pid_t start(int64_t rank, int64_t processes, uint16_t port) {
  auto arguments = own_arguments();
  auto variables = environment_of(rank, processes, port);
  const auto argv = pointers(arguments), envp = pointers(variables);
  const pid_t parent = ::getpid(), child = ::fork();
  if (child < 0) fail("--processes: cannot start another process: {}", std::strerror(errno));
  if (child > 0) return child;
  // Only calls that are safe between fork and exec. Ctrl-C is for the parent to pass on.
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != parent) ::_exit(2);
  ::execve("/proc/self/exe", argv.data(), envp.data());
  ::_exit(127);
}

/// The exit code of all together. Where somebody says what went wrong, it ends with 2, and the others soon do, unless
/// they hang.
int wait_for_all(int64_t processes) {
  int code = 0;
  bool is_said = false;
  std::string killed;
  std::optional<std::chrono::steady_clock::time_point> failed;
  for (int64_t left = processes; left > 0;) {
    int status = 0;
    const pid_t ended = ::waitpid(-1, &status, failed ? WNOHANG : 0);
    if (ended == 0) {
      if (seconds_since(*failed) > kPatienceSeconds) pass_on(SIGKILL);
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
      continue;
    }
    if (ended < 0) {
      if (errno == EINTR) continue;
      break;
    }
    for (size_t rank = 0; rank < static_cast<size_t>(processes); ++rank) {
      if (children[rank] != ended) continue;
      children[rank] = 0;
      --left;
      if (WIFSIGNALED(status)) {
        if (!failed) {
          killed =
              fmt::format("rank {} was ended by signal {} ({})", rank, WTERMSIG(status), strsignal(WTERMSIG(status)));
        }
        code = 2;
      } else {
        code = std::max(code, WEXITSTATUS(status));
        is_said = is_said || WEXITSTATUS(status) == 2;
      }
      if (code == 2 && !failed) failed = std::chrono::steady_clock::now();
    }
  }
  if (!killed.empty() && !is_said) print_error("forger: {}\n", killed);
  return code;
}

}  // namespace

void add_processes(CLI::App& command, int64_t& processes) {
  command.add_option("--processes", processes, "Share the work among so many processes of this machine")
      ->check(CLI::Range(int64_t{1}, static_cast<int64_t>(kMostProcesses)));
}

std::optional<int> run_as_processes(int64_t processes) {
  if (processes <= 1 || team_in_environment()) return std::nullopt;
  const TeamStore store;
  const PassedOn passed_on;
  for (int64_t rank = 0; rank < processes; ++rank) {
    children[static_cast<size_t>(rank)] = start(rank, processes, store.port());
  }
  return wait_for_all(processes);
}

std::shared_ptr<Team> join_team_of_call(double timeout_seconds) {
  auto options = team_in_environment();
  if (!options) return nullptr;
  options->timeout_seconds = timeout_seconds;
  return join_team(*options);
}

}  // namespace forger::commands
