#include "commands/stop_signal.h"

#include <atomic>
#include <chrono>
#include <csignal>
#include <thread>

namespace forger::commands {
namespace {

std::atomic<int> stop_signal{0};

void on_signal(int signal) {
  stop_signal = signal;
  if (signal != SIGHUP) std::signal(signal, SIG_DFL);
}

}  // namespace

StopSignal::StopSignal() {
  stop_signal = 0;
  std::signal(SIGINT, on_signal);
  std::signal(SIGTERM, on_signal);
  hang_up_before_ = std::signal(SIGHUP, SIG_IGN);
  if (hang_up_before_ != SIG_IGN) std::signal(SIGHUP, on_signal);
}

StopSignal::~StopSignal() {
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
  // The second word of a lost terminal may come when the work is done.
  std::signal(SIGHUP, stop_signal == SIGHUP ? SIG_IGN : hang_up_before_);
}

bool StopSignal::received() { return stop_signal != 0; }

void StopSignal::wait() {
  while (!received()) std::this_thread::sleep_for(std::chrono::milliseconds(100));
}

}  // namespace forger::commands
