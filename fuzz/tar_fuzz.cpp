// Tar bytes: a list of members that can be read or an Error.
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "data/shards.h"
#include "forger/error.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const int file = memfd_create("fuzz", 0);
  if (file < 0 || write(file, data, size) != static_cast<ssize_t>(size)) return 0;
  try {
    const auto source = forger::open_shards({"/proc/self/fd/" + std::to_string(file)});
    for (int64_t i = 0; i < source->size(); ++i) source->file_bytes(i);
  } catch (const forger::Error&) {
  }
  close(file);
  return 0;
}
