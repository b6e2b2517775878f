#pragma once

namespace forger::commands {

/// While one lives, the first SIGINT or SIGTERM asks for a clean stop; a second one ends the process as if it were not
/// there.
class StopSignal {
 public:
  StopSignal();
  ~StopSignal();
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;

  static bool received();
};

}  // namespace forger::commands
