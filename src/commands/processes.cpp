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
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "commands/output.h"
#include "core/clock.h"
#include "core/fail.h"
#include "core/files.h"
#include "core/team.h"
#include "core/team_store.h"

namespace forger::commands {
namespace {

constexpr int kPassedOn[] = {SIGINT, SIGTERM, SIGHUP};
constexpr size_t kMostProcesses = 1024;
/// After one has failed, the others have so long to notice it.
constexpr double kPatienceSeconds = 15;
/// Signals that handlers pass on to these; the last one of a person's.
std::array<std::atomic<pid_t>, kMostProcesses> children{};
std::atomic<int> passed_on{0};

void pass_on(int signal) {
  const int error = errno;
  if (signal != SIGKILL) passed_on = signal;
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
  std::vector<std::string> variables = {fmt::format("RANK={}", rank),
                                        fmt::format("LOCAL_RANK={}", rank),
                                        fmt::format("WORLD_SIZE={}", processes),
                                        "MASTER_ADDR=127.0.0.1",
                                        fmt::format("MASTER_PORT={}", port),
                                        "TORCHELASTIC_USE_AGENT_STORE=True",
                                        fmt::format("LOCAL_WORLD_SIZE={}", processes)};
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

/// How the processes have ended so far.
class Ends {
 public:
  explicit Ends(TeamStore& store) : store_(store) {}

  /// `status`: as waitpid gives it.
  void add(size_t rank, int status) {
    if (WIFEXITED(status)) {
      const int code = WEXITSTATUS(status);
      if (code == 2) fail_now();
      is_said_ = is_said_ || code == 2;
      code_ = std::max(code_, code);
      return;
    }
    const int signal = WTERMSIG(status);
    if (signal == passed_on) {
      code_ = std::max(code_, 128 + signal);  // as a shell has it of one process
    } else if (!failed_) {
      const auto what = fmt::format("was ended by signal {} ({})", signal, strsignal(signal));
      store_.say_gone(static_cast<int64_t>(rank), what);
      killed_ = fmt::format("rank {} {}", rank, what);
    }
    fail_now();
  }

  /// Whether those that are left have had time enough to notice that one is gone.
  bool is_patience_over() const { return failed_ && seconds_since(*failed_) > kPatienceSeconds; }
  bool has_failed() const { return failed_.has_value(); }

  /// The exit code of all together. Who ends with 2 has said why, or somebody else has.
  int finish() const {
    if (!killed_.empty() && !is_said_) print_error("forger: {}\n", killed_);
    return is_said_ || !killed_.empty() ? 2 : code_;
  }

 private:
  void fail_now() {
    if (!failed_) failed_ = std::chrono::steady_clock::now();
  }

  TeamStore& store_;
  int code_ = 0;
  bool is_said_ = false;
  std::string killed_;
  std::optional<std::chrono::steady_clock::time_point> failed_;
};

int wait_for_all(int64_t processes, TeamStore& store) {
  Ends ends(store);
  for (int64_t left = processes; left > 0;) {
    int status = 0;
    const pid_t ended = ::waitpid(-1, &status, ends.has_failed() ? WNOHANG : 0);
    if (ended == 0) {
      if (ends.is_patience_over()) pass_on(SIGKILL);
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
      ends.add(rank, status);
    }
  }
  return ends.finish();
}

/// Starts this command line as so many processes of one team, passes signals on to them and waits for all.
int run_as_processes(int64_t processes) {
  TeamStore store;
  const PassedOn handlers;
  for (int64_t rank = 0; rank < processes; ++rank) {
    children[static_cast<size_t>(rank)] = start(rank, processes, store.port());
  }
  if (passed_on != 0) pass_on(passed_on);  // to those who were not there yet
  return wait_for_all(processes, store);
}

/// Of several processes one prints.
class Silence {
 public:
  explicit Silence(bool silent) { silence_output(silent); }
  ~Silence() { silence_output(false); }
  Silence(const Silence&) = delete;
  Silence& operator=(const Silence&) = delete;
};

}  // namespace

void add_processes(CLI::App& command, int64_t& processes) {
  command.add_option("--processes", processes, "Share the work among so many processes of this machine")
      ->check(CLI::Range(int64_t{1}, static_cast<int64_t>(kMostProcesses)));
}

bool leads(const std::shared_ptr<Team>& team) { return !team || team->rank() == 0; }

int in_processes(int64_t processes, double timeout_seconds, const TeamWork& work) {
  auto options = team_in_environment();
  if (!options) return processes > 1 ? run_as_processes(processes) : work(nullptr);
  options->timeout_seconds = timeout_seconds;
  const auto team = join_team(*options);
  const Silence silence(!leads(team));
  return in_team(team.get(), [&] { return work(team); });
}

}  // namespace forger::commands
