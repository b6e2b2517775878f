#pragma once

#include <nanobind/nanobind.h>

#include <chrono>
#include <exception>
#include <utility>

#include "forger/interruption.h"

namespace forger::python {

/// One call of the library that takes long: it runs without the interpreter's lock, so that other threads of Python go
/// on. Where the library asks in between, Python's functions are called with the lock. What they raise, and Ctrl-C,
/// ends the call and is raised when the library has come to its end: a training, with a checkpoint. The library asks on
/// the thread that called it.
class LongCall {
 public:
  /// What `work` returns. Throws what it throws, or what was raised in between.
  template <class Work>
  auto run(Work&& work) {
    try {
      auto made = [&] {
        const nanobind::gil_scoped_release unlocked;
        return work();
      }();
      if (raised_) std::rethrow_exception(std::exchange(raised_, nullptr));
      return made;
    } catch (...) {
      if (raised_) std::rethrow_exception(std::exchange(raised_, nullptr));
      throw;
    }
  }

  /// The same of what has no hooks of its own: Ctrl-C ends it between two batches, and what it made is lost.
  template <class Work>
  auto run_or_interrupt(Work&& work) {
    return run([&] {
      const Interruption asks([this] { return goes_on(); });
      return work();
    });
  }

  /// Calls Python from within the library. Whether it raised nothing, now or before.
  template <class Function>
  bool ask(Function&& function) {
    if (raised_) return false;
    const nanobind::gil_scoped_acquire locked;
    try {
      function();
    } catch (...) {
      raised_ = std::current_exception();
    }
    return !raised_;
  }

  /// Whether nothing was raised, and no signal has come whose handler raises. Cheap enough for every step.
  bool goes_on() {
    const auto now = std::chrono::steady_clock::now();
    if (raised_ || now - looked_ < std::chrono::milliseconds(50)) return !raised_;
    looked_ = now;
    return ask([] {
      if (PyErr_CheckSignals() != 0) throw nanobind::python_error();
    });
  }

 private:
  std::exception_ptr raised_;
  std::chrono::steady_clock::time_point looked_{};
};

}  // namespace forger::python
