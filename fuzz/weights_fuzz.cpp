// Bytes -> model/torch_file.h and, where they are weights, model/community.h: an Error or a network, nothing else.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "forger/error.h"
#include "model/community.h"
#include "model/torch_file.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    forger::recognize_network(forger::parse_torch_file({reinterpret_cast<const char*>(data), size}, "fuzz"));
  } catch (const forger::Error&) {
  }
  return 0;
}
