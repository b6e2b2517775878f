#pragma once

#include <cstdint>
#include <string>

namespace forger::commands {

/// Exit codes when some images could not be used or some files not be written, and the rest was done; and when a signal
/// came before the last image.
constexpr int kSomeSkipped = 3, kInterrupted = 130;

/// Complaints of one kind on standard error, of which the first ones are shown.
struct Complaints {
  const char* what;
  int64_t count = 0;
  std::string first = {};
  void add(const std::string& reason);
  /// After the last one.
  void finish() const;
};

/// What was wrong with an image, with its whole name: sources name what they hold by their own names.
std::string full_reason(const std::string& reason, const std::string& name);

}  // namespace forger::commands
