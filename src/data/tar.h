#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/random_file.h"

namespace forger {

/// Where a regular file's bytes lie in a tar archive.
struct TarMember {
  std::string name;
  int64_t offset = 0;
  int64_t length = 0;
};

/// Lists the regular files of an uncompressed tar archive (ustar, GNU and pax long names) by hopping from header to
/// header. Throws Error, naming the offset, at a damaged header. The last member of an archive that was cut short is
/// listed with its full length: reading it is the error. (libarchive reads tar too, but does not tell offsets.)
std::vector<TarMember> list_tar(const RandomFile& file, const std::string& name);

}  // namespace forger
