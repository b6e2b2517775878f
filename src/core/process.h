#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

namespace forger {

/// Whether a program of that name can be started from here.
bool has_program(const std::string& name);

/// Another program at work, fed and read through pipes; what it says of errors is kept. It is in a process group of its
/// own, so that Ctrl-C is for us to act on, and ends with the object.
class Process {
 public:
  /// `arguments[0]` is looked up in PATH. Throws Error where it cannot be started.
  explicit Process(const std::vector<std::string>& arguments);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  /// Into its standard input. False when it no longer reads.
  bool write(std::string_view content);
  /// After the last write.
  void close_input();
  /// From its standard output: `size` bytes, or fewer where it ends.
  size_t read(void* to, size_t size);
  /// Waits for its end; may be asked again. Returns its exit status, 128 and more when a signal ended it.
  int wait();
  /// The last line that it wrote to standard error, but for notes that a line was repeated.
  std::string last_error() const;

 private:
  pid_t process_ = -1;
  int status_ = 0;
  int input_ = -1, output_ = -1;
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> errors_;
};

}  // namespace forger
