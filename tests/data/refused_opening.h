#pragma once

#include <string>

#include "core/fail.h"
#include "data/open.h"
#include "forger/config.h"

namespace forger {

/// Why the data of a configuration cannot be opened; empty where it can.
inline std::string refusal(const Config& config) {
  try {
    config.check();
    open_data(config);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

}  // namespace forger
