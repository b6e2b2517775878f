#include "core/zip.h"

#include <zlib.h>

#include <algorithm>
#include <utility>

#include "core/fail.h"

namespace forger {
namespace {

using namespace std::string_view_literals;

constexpr int64_t kEndBytes = 22, kMostCommentBytes = 65535, kEnd64Bytes = 56, kLocatorBytes = 20;
constexpr size_t kEntryBytes = 46;
constexpr int64_t kLocalBytes = 30;
constexpr int64_t kUnknown16 = 0xFFFF, kUnknown32 = 0xFFFFFFFF;
constexpr int kStored = 0, kDeflated = 8;

/// A little-endian number of `length` bytes; the caller has made sure that they are there.
int64_t number_at(std::string_view bytes, size_t offset, size_t length) {
  uint64_t value = 0;
  for (size_t i = length; i-- > 0;) value = value << 8 | static_cast<uint8_t>(bytes[offset + i]);
  if (value > INT64_MAX) fail("damaged: impossible size");
  return static_cast<int64_t>(value);
}

/// What stands at the archive's end.
struct Ending {
  int64_t entries = 0;
  bool entries_modulo_65536 = true;
  /// Of the central directory, as it lies in the file.
  int64_t directory = 0, directory_bytes = 0;
  /// Bytes in front of the archive; offsets in it count from there.
  int64_t before = 0;
  std::string incomplete;
};

/// The place of the end record: one whose comment reaches just to the file's end, or else the last one.
int64_t find_end(std::string_view tail) {
  int64_t last = -1;
  for (auto place = static_cast<int64_t>(tail.size()) - kEndBytes; place >= 0; --place) {
    const auto at = static_cast<size_t>(place);
    if (tail.substr(at, 4) != "PK\5\6"sv) continue;
    const int64_t comment = number_at(tail, at + 20, 2);
    if (place + kEndBytes + comment == static_cast<int64_t>(tail.size())) return place;
    last = std::max(last, place);
  }
  return last;
}

Ending read_ending(const ZipBytes& zip) {
  const int64_t tail_bytes = std::min(zip.size, kEndBytes + kMostCommentBytes);
  const std::string tail = zip.read(zip.size - tail_bytes, tail_bytes);
  const int64_t place = find_end(tail);
  if (place < 0) fail("cut short, or no zip archive: the list of its files, which is its end, is missing");
  const auto record = std::string_view(tail).substr(static_cast<size_t>(place), kEndBytes);
  if (number_at(record, 4, 2) != 0 && number_at(record, 4, 2) != kUnknown16) {
    fail("is a part of an archive in several files, accepted: archives of one file");
  }
  Ending ending;
  ending.entries = number_at(record, 10, 2);
  ending.directory_bytes = number_at(record, 12, 4);
  int64_t offset = number_at(record, 16, 4);
  int64_t end = zip.size - tail_bytes + place;
  const int64_t behind = zip.size - end - kEndBytes - number_at(record, 20, 2);
  if (behind > 0) ending.incomplete = fmt::format("{} bytes follow its end, which are not read", behind);
  if (behind < 0) ending.incomplete = fmt::format("cut short: {} bytes of its comment are missing", -behind);
  // Some programs, PyTorch for one, write the large end record even where the small one has room for the numbers.
  const std::string locator = end >= kLocatorBytes ? zip.read(end - kLocatorBytes, kLocatorBytes) : "";
  if (locator.starts_with("PK\6\7"sv)) {
    end = number_at(locator, 8, 8);
    const std::string record64 = zip.read(end, kEnd64Bytes);
    if (!record64.starts_with("PK\6\6"sv)) fail("damaged: its zip64 end record is missing");
    ending.entries = number_at(record64, 32, 8);
    ending.entries_modulo_65536 = false;
    ending.directory_bytes = number_at(record64, 40, 8);
    offset = number_at(record64, 48, 8);
  }
  ending.directory = end - ending.directory_bytes;
  if (offset > ending.directory) fail("damaged: the list of its files does not fit into it");
  ending.before = ending.directory - offset;
  // A program that unpacks itself may stand there; another archive is one that somebody joined to this one.
  if (ending.before > 0 && zip.read(0, 4) == "PK\3\4"sv) {
    ending.incomplete = fmt::format("{} bytes stand before it, an archive that is not read", ending.before);
  }
  return ending;
}

/// Numbers that do not fit into an entry stand in its zip64 extra field, in this order and only as far as needed.
void read_zip64(std::string_view extra, ZipMember& member) {
  while (extra.size() >= 4) {
    const int64_t kind = number_at(extra, 0, 2);
    const auto length = static_cast<size_t>(number_at(extra, 2, 2));
    if (length > extra.size() - 4) fail("damaged: an entry of its list of files");
    auto field = extra.substr(4, length);
    for (int64_t* number : {&member.bytes, &member.packed_bytes, &member.offset}) {
      if (kind != 1 || *number != kUnknown32) continue;
      if (field.size() < 8) fail("damaged: an entry of its list of files");
      *number = number_at(field, 0, 8);
      field.remove_prefix(8);
    }
    extra.remove_prefix(4 + length);
  }
}

std::string inflated(const std::string& packed, int64_t bytes) {
  constexpr int64_t kMostDeflateRatio = 1032, kMostBytes = UINT32_MAX;
  const auto packed_bytes = static_cast<int64_t>(packed.size());
  if (bytes > kMostBytes || packed_bytes > kMostBytes) fail("larger than 4 GiB");
  // Before memory is taken for it.
  if (bytes > (packed_bytes + 1) * kMostDeflateRatio) fail("damaged: impossible size");
  std::string content(static_cast<size_t>(bytes), '\0');
  z_stream stream{};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) fail("not enough memory to unpack it");
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(content.data());
  stream.avail_out = static_cast<uInt>(content.size());
  const int code = inflate(&stream, Z_FINISH);
  const bool whole = code == Z_STREAM_END && stream.avail_out == 0;
  inflateEnd(&stream);
  if (!whole) fail("damaged: its packed bytes do not give what the archive announces");
  return content;
}

/// Where a member's content begins in the archive.
int64_t content_place(const ZipBytes& zip, const ZipMember& member) {
  if (member.encrypted) fail("is encrypted, accepted: archives without a password");
  if (member.method != kStored && member.method != kDeflated) {
    fail("is packed by method {}, accepted: stored (0) or deflated (8)", member.method);
  }
  const std::string header = zip.read(member.offset, kLocalBytes);
  if (!header.starts_with("PK\3\4"sv)) fail("damaged: its header in the archive is missing");
  return member.offset + kLocalBytes + number_at(header, 26, 2) + number_at(header, 28, 2);
}

void check_content(std::string_view content, const ZipMember& member) {
  if (static_cast<int64_t>(content.size()) != member.bytes) fail("damaged: its size does not fit");
  const auto checksum = crc32_z(0, reinterpret_cast<const Bytef*>(content.data()), content.size());
  if (checksum != member.checksum) fail("damaged: its checksum does not fit");
}

std::string_view part_of(std::string_view bytes, int64_t offset, int64_t length) {
  const auto size = static_cast<int64_t>(bytes.size());
  if (offset < 0 || length < 0 || offset > size || length > size - offset) {
    fail("cut short: {} bytes wanted at {}, there are {}", length, offset, size);
  }
  return bytes.substr(static_cast<size_t>(offset), static_cast<size_t>(length));
}

}  // namespace

ZipBytes zip_bytes(std::string_view bytes) {
  return {static_cast<int64_t>(bytes.size()),
          [bytes](int64_t offset, int64_t length) { return std::string(part_of(bytes, offset, length)); }};
}

ZipListing list_zip(const ZipBytes& zip) {
  Ending ending = read_ending(zip);
  const std::string directory = zip.read(ending.directory, ending.directory_bytes);
  ZipListing listing;
  listing.incomplete = std::move(ending.incomplete);
  int64_t entries = 0;
  for (std::string_view rest = directory; !rest.empty(); ++entries) {
    if (rest.size() < kEntryBytes || !rest.starts_with("PK\1\2"sv)) break;
    const auto name = static_cast<size_t>(number_at(rest, 28, 2)), extra = static_cast<size_t>(number_at(rest, 30, 2)),
               comment = static_cast<size_t>(number_at(rest, 32, 2));
    if (rest.size() < kEntryBytes + name + extra + comment) break;
    ZipMember member;
    member.name = rest.substr(kEntryBytes, name);
    // What some programs of Windows write.
    std::replace(member.name.begin(), member.name.end(), '\\', '/');
    member.encrypted = (number_at(rest, 8, 2) & 1) != 0;
    member.method = static_cast<int>(number_at(rest, 10, 2));
    member.checksum = static_cast<uint32_t>(number_at(rest, 16, 4));
    member.packed_bytes = number_at(rest, 20, 4);
    member.bytes = number_at(rest, 24, 4);
    member.offset = number_at(rest, 42, 4);
    read_zip64(rest.substr(kEntryBytes + name, extra), member);
    if (member.offset > ending.directory - ending.before) fail("damaged: an entry of its list of files");
    member.offset += ending.before;
    rest.remove_prefix(kEntryBytes + name + extra + comment);
    if (!member.name.ends_with('/')) listing.members.push_back(std::move(member));
  }
  if ((ending.entries_modulo_65536 ? entries & 0xFFFF : entries) != ending.entries) {
    fail("damaged: the list of its files holds {} of {} entries", entries, ending.entries);
  }
  return listing;
}

std::string read_zip_member(const ZipBytes& zip, const ZipMember& member) {
  std::string content = zip.read(content_place(zip, member), member.packed_bytes);
  if (member.method == kDeflated) content = inflated(content, member.bytes);
  check_content(content, member);
  return content;
}

std::optional<std::string_view> view_zip_member(std::string_view archive, const ZipMember& member) {
  if (member.method != kStored) return std::nullopt;
  const auto content = part_of(archive, content_place(zip_bytes(archive), member), member.packed_bytes);
  check_content(content, member);
  return content;
}

}  // namespace forger
