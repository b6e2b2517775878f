#pragma once

#include <zlib.h>

#include <cstdint>
#include <string>
#include <vector>

namespace forger {

/// A member of an archive that a test makes.
struct ZipEntry {
  std::string name;
  std::string content;
  bool deflated = false;
  /// Of the general purpose flags; 1: encrypted.
  int flags = 0;
  /// Announced instead of the true one.
  int method = -1;
};

namespace zip_parts {

inline std::string number(uint64_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i, value >>= 8) text += static_cast<char>(value & 255);
  return text;
}

inline std::string deflated(const std::string& content) {
  std::string packed(content.size() + 64, '\0');
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(packed.size() - stream.avail_out);
  deflateEnd(&stream);
  return packed;
}

}  // namespace zip_parts

/// A zip archive by the format's description (PKWARE's APPNOTE 6.3), written apart from the code that reads it.
inline std::string zip_file(const std::vector<ZipEntry>& entries) {
  using zip_parts::number;
  std::string bytes, directory;
  for (const auto& entry : entries) {
    const std::string data = entry.deflated ? zip_parts::deflated(entry.content) : entry.content;
    const int method = entry.method >= 0 ? entry.method : entry.deflated ? 8 : 0;
    const auto checksum = crc32_z(0, reinterpret_cast<const Bytef*>(entry.content.data()), entry.content.size());
    const std::string common = number(20, 2) + number(static_cast<uint64_t>(entry.flags), 2) +
                               number(static_cast<uint64_t>(method), 2) + number(0, 4) + number(checksum, 4) +
                               number(data.size(), 4) + number(entry.content.size(), 4) + number(entry.name.size(), 2) +
                               number(0, 2);
    directory += "PK\1\2" + number(20, 2) + common + number(0, 2 + 2 + 2 + 4) + number(bytes.size(), 4) + entry.name;
    bytes += "PK\3\4" + common + entry.name + data;
  }
  return bytes + directory + "PK\5\6" + number(0, 4) + number(entries.size(), 2) + number(entries.size(), 2) +
         number(directory.size(), 4) + number(bytes.size(), 4) + number(0, 2);
}

}  // namespace forger
