#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace forger {

/// Where a zip archive's bytes come from: a file or memory.
struct ZipBytes {
  int64_t size = 0;
  /// Exactly `length` bytes from `offset` on. Throws Error when there are fewer.
  std::function<std::string(int64_t offset, int64_t length)> read;
};

/// The bytes of an archive in memory, which must outlive this.
ZipBytes zip_bytes(std::string_view bytes);

/// A file in a zip archive, and how it is stored.
struct ZipMember {
  /// Parts are separated by "/".
  std::string name;
  /// Of the member's own header.
  int64_t offset = 0;
  int64_t packed_bytes = 0;
  int64_t bytes = 0;
  uint32_t checksum = 0;
  int method = 0;
  bool encrypted = false;
};

/// What a zip archive's central directory lists.
struct ZipListing {
  /// Files, without folders.
  std::vector<ZipMember> members;
  /// What is wrong with the archive's ends, though all that it lists is there; empty when nothing is.
  std::string incomplete;
};

/// Reads the central directory at an archive's end, zip64 too. Throws Error with the bare reason when there is none, as
/// in an archive that was cut short, or when it is damaged.
ZipListing list_zip(const ZipBytes& zip);

/// The content of a member, stored or deflated, checked by its checksum. May be called from several threads at once.
/// Throws Error with the bare reason: encrypted, packed in another way, damaged.
std::string read_zip_member(const ZipBytes& zip, const ZipMember& member);

/// The same where it lies in an archive in memory, without a copy; nothing where the member is packed.
std::optional<std::string_view> view_zip_member(std::string_view archive, const ZipMember& member);

}  // namespace forger
