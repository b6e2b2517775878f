// Text -> config/parse.h: an Error or a configuration that survives being written and read again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "config/parse.h"
#include "forger/error.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  forger::Config config;
  try {
    config = forger::parse_config({reinterpret_cast<const char*>(data), size}, "fuzz", "fuzz");
  } catch (const forger::Error&) {
    return 0;
  }
  if (!(forger::parse_config(config.to_toml(), "written", "other") == config)) std::abort();
  return 0;
}
