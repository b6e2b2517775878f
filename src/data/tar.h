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

/// What a tar archive holds.
struct TarListing {
  std::vector<TarMember> members;
  /// Links to images, by name: they have no bytes of their own.
  int64_t links = 0;
  /// What is wrong with the archive's end; empty when it is whole: two blocks of zeros, and nothing but zeros behind
  /// them.
  std::string incomplete;
  /// Whether members may be missing after the last one.
  bool cut_short = false;
};

/// Lists the regular files of an uncompressed tar archive (ustar, GNU and pax long names) by hopping from header to
/// header. Throws Error with the bare reason, naming the offset, at a damaged header. The last member of an archive
/// that was cut short is listed with its full length: reading it is the error. (libarchive reads tar too, but does not
/// tell offsets.)
TarListing list_tar(const RandomFile& file);

}  // namespace forger
