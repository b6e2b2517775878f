#include "core/process.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <utility>

#include "core/fail.h"
#include "core/files.h"
#include "core/text.h"

extern char** environ;  // NOLINT(readability-redundant-declaration): POSIX leaves it to the program

namespace forger {
namespace {

/// Both ends of a pipe, closed in programs that we start.
struct Pipe {
  std::array<int, 2> ends = {-1, -1};
  Pipe() {
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) fail("cannot make a pipe: {}", std::strerror(errno));
  }
  ~Pipe() {
    for (const int end : ends) {
      if (end >= 0) ::close(end);
    }
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  int take(size_t end) { return std::exchange(ends[end], -1); }
};

/// While it lives, a pipe without a reader is an error of writing, not the end of this process.
class NoBrokenPipeSignal {
 public:
  NoBrokenPipeSignal() {
    ::sigemptyset(&broken_);
    ::sigaddset(&broken_, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &broken_, &before_);
  }
  ~NoBrokenPipeSignal() {
    const timespec now{};
    while (::sigismember(&before_, SIGPIPE) == 0 && ::sigtimedwait(&broken_, nullptr, &now) > 0) {
    }
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  NoBrokenPipeSignal(const NoBrokenPipeSignal&) = delete;
  NoBrokenPipeSignal& operator=(const NoBrokenPipeSignal&) = delete;

 private:
  sigset_t broken_{}, before_{};
};

}  // namespace

bool has_program(const std::string& name) {
  const char* path = std::getenv("PATH");
  for (const auto& folder : split(path ? path : "", ':')) {
    if (::access((std::filesystem::path(folder) / name).c_str(), X_OK) == 0) return true;
  }
  return false;
}

Process::Process(const std::vector<std::string>& arguments) : errors_(std::tmpfile(), std::fclose) {
  if (!errors_) fail("cannot make a temporary file: {}", std::strerror(errno));
  Pipe input, output;
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, input.ends[0], STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, output.ends[1], STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, ::fileno(errors_.get()), STDERR_FILENO);
  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  sigset_t usual;
  ::sigemptyset(&usual);
  ::sigaddset(&usual, SIGPIPE);
  ::posix_spawnattr_setsigdefault(&attributes, &usual);
  ::posix_spawnattr_setpgroup(&attributes, 0);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF);
  std::vector<char*> words;
  for (const auto& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));  // only read
  words.push_back(nullptr);
  const int reason = ::posix_spawnp(&process_, words[0], &actions, &attributes, words.data(), environ);
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&actions);
  if (reason != 0) {
    process_ = -1;
    fail("cannot start {}: {}", arguments[0], std::strerror(reason));
  }
  input_ = input.take(1);
  output_ = output.take(0);
}

Process::~Process() {
  close_input();
  if (output_ >= 0) ::close(output_);
  if (process_ < 0) return;
  ::kill(process_, SIGKILL);
  wait();
}

bool Process::write(std::string_view content) {
  const NoBrokenPipeSignal guard;
  return write_all(input_, content) == 0;
}

void Process::close_input() {
  if (input_ >= 0) ::close(std::exchange(input_, -1));
}

size_t Process::read(void* to, size_t size) {
  size_t got = 0;
  while (got < size) {
    const ssize_t more = ::read(output_, static_cast<char*>(to) + got, size - got);
    if (more == 0 || (more < 0 && errno != EINTR)) break;
    if (more > 0) got += static_cast<size_t>(more);
  }
  return got;
}

int Process::wait() {
  if (process_ < 0) return status_;
  int status = 0;
  while (::waitpid(process_, &status, 0) < 0 && errno == EINTR) {
  }
  process_ = -1;
  return status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::string Process::last_error() const {
  std::string text;
  std::array<char, 4096> part;
  if (std::fseek(errors_.get(), 0, SEEK_SET) != 0) return "";
  for (size_t got = 1; (got = std::fread(part.data(), 1, part.size(), errors_.get())) > 0;)
    text.append(part.data(), got);
  std::string last;
  for (const auto& line : split(text, '\n')) {
    const auto words = trimmed(line);
    if (!words.empty() && !words.starts_with("Last message repeated")) last = words;
  }
  return last;
}

}  // namespace forger
