#pragma once

#include <torch/csrc/distributed/c10d/Store.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "forger/team.h"

namespace forger {

/// Who of a team's processes is there: they meet at rank 0's port, say short texts to each other, and each writes again
/// and again that it is alive, by which the others notice when it is gone. Every function throws TeamError then.
class Attendance {
 public:
  /// Waits for the others.
  explicit Attendance(const TeamOptions& options);
  ~Attendance();
  Attendance(const Attendance&) = delete;
  Attendance& operator=(const Attendance&) = delete;

  const c10::intrusive_ptr<c10d::Store>& store() const { return store_; }
  /// Under which address the others reach this process; "": none is known.
  const std::string& address() const { return address_; }
  /// Everyone's text, by rank.
  std::vector<std::string> texts(const std::string& mine);
  /// Tells the others why this process leaves.
  void leave(const std::string& reason);
  /// Looks whether the others are there.
  void look() { look_around(options_.timeout_seconds); }
  /// What else knows whether a process has ended.
  void ask_too(std::function<bool(int64_t)> has_ended) { has_ended_ = std::move(has_ended); }
  /// A connection broke, for `reason`: whoever is gone by it is looked for.
  [[noreturn]] void lost_connection(const std::string& reason);
  /// Whether one is gone, or this process leaves.
  bool is_broken() const { return broken_; }

 private:
  class Heart;
  struct Beat {
    std::string count;
    std::chrono::steady_clock::time_point since;
  };

  void look_around(double patience);
  void look_at(int64_t other, double patience);
  [[noreturn]] void gone(int64_t other, const std::string& what, bool said = false);
  [[noreturn]] void tell(const std::vector<uint8_t>& news);
  [[noreturn]] void lost_store();

  TeamOptions options_;
  c10::intrusive_ptr<c10d::Store> store_;
  std::unique_ptr<Heart> heart_;
  std::string address_;
  std::vector<std::string> hosts_;
  std::vector<Beat> last_beats_;
  std::function<bool(int64_t)> has_ended_ = [](int64_t) { return false; };
  std::chrono::steady_clock::time_point started_;
  int64_t texts_ = 0;
  bool broken_ = false;
};

/// The time after which a process that does not answer is taken for lost.
std::chrono::milliseconds timeout_of(const TeamOptions& options);

}  // namespace forger
