// Zip bytes: a list of members that can be read, each as long as it is said to be, or an Error.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/zip.h"
#include "forger/error.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto zip = forger::zip_bytes(bytes);
  try {
    for (const auto& member : forger::list_zip(zip).members) {
      try {
        const auto content = forger::read_zip_member(zip, member);
        if (static_cast<int64_t>(content.size()) != member.bytes) std::abort();
        if (forger::view_zip_member(bytes, member).value_or(content) != content) std::abort();
      } catch (const forger::Error&) {
      }
    }
  } catch (const forger::Error&) {
  }
  return 0;
}
