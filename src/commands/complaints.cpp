#include "commands/complaints.h"

#include "commands/flags.h"
#include "commands/output.h"
#include "core/utf8.h"

namespace forger::commands {
namespace {

/// Images or files that are named one by one.
constexpr int64_t kNamed = 100;

}  // namespace

void Complaints::add(const std::string& reason) {
  if (first.empty()) first = reason;
  if (++count <= kNamed) print_error("{}: {}\n", what, printable(in_flags(reason)));
}

void Complaints::finish() const {
  if (count > kNamed) print_error("{}: {} more\n", what, count - kNamed);
}

std::string full_reason(const std::string& reason, const std::string& name) {
  if (reason.find(name) != std::string::npos) return reason;
  const auto end = reason.find(": ");
  const bool starts_with_own = end != std::string::npos && name.ends_with(reason.substr(0, end));
  return starts_with_own ? name + reason.substr(end) : name + ": " + reason;
}

}  // namespace forger::commands
