#pragma once

#include <cstdint>
#include <memory>

namespace forger {

/// The place where processes meet that this one has started (`TeamOptions::starter_keeps_store`), at a port of this
/// machine that was free.
class TeamStore {
 public:
  TeamStore();
  ~TeamStore();
  uint16_t port() const;

 private:
  class Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace forger
