// IDX bytes, plain or gzipped: an array as large as its header says, or an Error.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "data/idx.h"
#include "forger/error.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    const auto array = forger::parse_idx(std::string(reinterpret_cast<const char*>(data), size));
    int64_t total = 1;
    for (const int64_t side : array.sizes) total *= side;
    if (total != static_cast<int64_t>(array.values.size())) std::abort();
  } catch (const forger::Error&) {
  }
  return 0;
}
