#pragma once

namespace forger::commands {

/// While one lives, the first SIGINT, SIGTERM or SIGHUP (the terminal is gone) asks for a clean stop. A second SIGINT
/// or SIGTERM ends the process as if it were not there; a lost terminal often says so twice, and ends nothing. Where
/// SIGHUP is ignored (nohup), it stays so.
class StopSignal {
 public:
  StopSignal();
  ~StopSignal();
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;

  static bool received();
  /// Returns once it came.
  static void wait();

 private:
  /// What SIGHUP did before.
  void (*hang_up_before_)(int);
};

}  // namespace forger::commands
