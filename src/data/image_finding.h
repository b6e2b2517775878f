#pragma once

#include <string>

namespace forger {

/// An image and what is to be said of it.
struct ImageFinding {
  std::string name;
  std::string detail;
};

}  // namespace forger
