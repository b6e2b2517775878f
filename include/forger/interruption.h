#pragma once

#include <exception>
#include <functional>

namespace forger {

/// A long call ended because its caller wanted it to. No Error: nothing went wrong.
class Interrupted : public std::exception {
 public:
  const char* what() const noexcept override { return "interrupted"; }
};

/// While it lives, what draws, measures or judges on this thread asks it between batches whether to go on, and throws
/// Interrupted where it is not to. Trainings, searches and what makes picture files ask their own hooks, and leave what
/// they have.
class Interruption {
 public:
  explicit Interruption(std::function<bool()> goes_on);
  ~Interruption();
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;

 private:
  std::function<bool()> goes_on_;
  const std::function<bool()>* outer_;
};

}  // namespace forger
