// Bytes -> core/npz.h: an Error or arrays, nothing else.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/npz.h"
#include "forger/error.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    forger::parse_npz({reinterpret_cast<const char*>(data), size}, "fuzz");
  } catch (const forger::Error&) {
  }
  return 0;
}
