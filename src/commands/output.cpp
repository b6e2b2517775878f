#include "commands/output.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>

#include "core/files.h"

namespace forger::commands {
namespace {

/// The errno of the first write to standard output that failed, after which there is no other; 0: none.
int output_failure = 0;
bool is_silent = false;

void note_failure(int reason) {
  if (reason == 0 || output_failure != 0) return;
  output_failure = reason;
  if (reason != EPIPE) print_error("forger: cannot write to standard output: {}\n", std::strerror(reason));
}

}  // namespace

void open_standard_files() {
  for (const int file : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(file, F_GETFD) != -1) continue;
    // The smallest free number is this one. What is written to a closed standard output has to fail.
    ::open("/dev/null", file == STDERR_FILENO ? O_WRONLY : O_RDONLY);
  }
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
}

void silence_output(bool silent) { is_silent = silent; }

void write_output(std::string_view text) {
  if (output_failure == 0 && !is_silent) note_failure(write_all(STDOUT_FILENO, text));
}

void write_error(std::string_view text) {
  if (!is_silent) write_all(STDERR_FILENO, text);
}

bool close_output() {
  if (std::fflush(stdout) != 0) note_failure(errno);  // what a library may have printed
  // Some disks tell only now.
  if (::close(STDOUT_FILENO) != 0 && errno != EINTR) note_failure(errno);
  return output_failure == 0 || output_failure == EPIPE;
}

}  // namespace forger::commands
