// Bytes -> model/safetensors.h: an Error or tensors, nothing else.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "forger/error.h"
#include "model/safetensors.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    forger::parse_safetensors({reinterpret_cast<const char*>(data), size}, "fuzz");
  } catch (const forger::Error&) {
  }
  return 0;
}
