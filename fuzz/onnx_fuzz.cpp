// Bytes -> onnx/onnx_outline.h: an Error, or what the file says and what is wrong with it.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "forger/error.h"
#include "onnx/onnx_outline.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    const auto outline = forger::parse_onnx({reinterpret_cast<const char*>(data), size}, "fuzz");
    for (const auto& fault : forger::faults_of(outline, "/nowhere")) {
      if (fault.empty() || fault.find('\n') != std::string_view::npos) std::abort();
    }
  } catch (const forger::Error&) {
  }
  return 0;
}
