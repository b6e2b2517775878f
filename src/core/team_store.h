#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace forger {

/// The place where processes meet that this one has started (`TeamOptions::starter_keeps_store`), at a port of this
/// machine that was free.
class TeamStore {
 public:
  TeamStore();
  ~TeamStore();
  uint16_t port() const;
  /// Tells the processes that one of this machine is gone: "was ended by signal 9". One of them will tell people.
  void say_gone(int64_t rank, const std::string& what);

 private:
  class Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace forger
