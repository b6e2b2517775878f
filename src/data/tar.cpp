#include "data/tar.h"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>

#include "core/fail.h"
#include "core/text.h"
#include "core/utf8.h"
#include "image/image_file.h"

namespace forger {
namespace {

constexpr int64_t kBlock = 512;
/// A long name or a pax header larger than this is no name but damage.
constexpr int64_t kMaxExtensionBytes = 1 << 20;

/// A header's text field: up to its first zero byte.
std::string text_field(std::string_view header, size_t offset, size_t length) {
  const std::string_view field = header.substr(offset, length);
  return std::string(field.substr(0, field.find('\0')));
}

/// A header's number: octal digits, or big-endian binary when the first bit is set (GNU). -1 when neither.
int64_t number_field(std::string_view header, size_t offset, size_t length) {
  const std::string_view field = header.substr(offset, length);
  if (static_cast<uint8_t>(field[0]) & 0x80) {
    int64_t value = field[0] & 0x7F;
    for (const char c : field.substr(1)) {
      if (value > (INT64_MAX >> 8)) return -1;
      value = value << 8 | static_cast<uint8_t>(c);
    }
    return value;
  }
  const std::string digits = trimmed(field.substr(0, field.find('\0')));
  int64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 8);
  const bool whole = digits.empty() || (error == std::errc() && end == digits.data() + digits.size() && value >= 0);
  return whole ? value : -1;
}

/// The sum of all bytes, those of the checksum field itself counted as blanks.
bool checksum_fits(std::string_view header) {
  constexpr size_t kField = 148, kLength = 8;
  int64_t sum = kLength * ' ';
  for (size_t i = 0; i < header.size(); ++i) {
    if (i < kField || i >= kField + kLength) sum += static_cast<uint8_t>(header[i]);
  }
  return number_field(header, kField, kLength) == sum;
}

/// What extension headers say about the member that follows them.
struct Extension {
  std::string name;
  int64_t length = -1;
};

/// Records of a pax header, "LENGTH KEY=VALUE\n" each.
void parse_pax(std::string_view records, Extension& extension) {
  while (!records.empty()) {
    size_t length = 0;
    const auto [end, error] = std::from_chars(records.data(), records.data() + records.size(), length);
    const auto digits = static_cast<size_t>(end - records.data());
    if (error != std::errc() || length <= digits + 1 || length > records.size()) fail("damaged pax header");
    const std::string_view record = records.substr(digits + 1, length - digits - 2);
    const size_t equals = record.find('=');
    if (equals == std::string_view::npos) fail("damaged pax header");
    const std::string_view key = record.substr(0, equals), value = record.substr(equals + 1);
    if (key == "path") extension.name = value;
    if (key == "size") {
      const auto [stop, problem] = std::from_chars(value.data(), value.data() + value.size(), extension.length);
      if (problem != std::errc() || stop != value.data() + value.size() || extension.length < 0) {
        fail("damaged pax header");
      }
    }
    records.remove_prefix(length);
  }
}

std::string header_name(std::string_view header) {
  const std::string name = text_field(header, 0, 100);
  const bool ustar = header.substr(257, 6) == std::string_view("ustar\0", 6);
  const std::string prefix = ustar ? text_field(header, 345, 155) : "";
  return prefix.empty() ? name : prefix + "/" + name;
}

bool is_zero(std::string_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](char c) { return c == '\0'; });
}

/// Where the first byte that is no zero stands, from `offset` on; -1 when there is none.
int64_t next_byte_after(const RandomFile& file, int64_t offset) {
  constexpr int64_t kPart = 1 << 16;
  for (; offset < file.size(); offset += kPart) {
    const std::string part = file.read(offset, std::min(kPart, file.size() - offset));
    const size_t place = part.find_first_not_of('\0');
    if (place != std::string::npos) return offset + static_cast<int64_t>(place);
  }
  return -1;
}

/// The archive's end as it should be: two blocks of zeros at `offset`, of which the first is there.
void check_end_mark(const RandomFile& file, int64_t offset, TarListing& listing) {
  if (file.size() - offset < 2 * kBlock) {
    listing.incomplete = fmt::format("cut short: its end mark is {} bytes long, accepted: {} zero bytes",
                                     file.size() - offset, 2 * kBlock);
    return;
  }
  const int64_t more = next_byte_after(file, offset + kBlock);
  if (more < 0) return;
  listing.incomplete = fmt::format(
      "goes on at byte {} after its end mark at byte {}: what was appended there is not read", more, offset);
}

/// What is wrong with an archive that ends where the header at `offset` should be.
void say_cut_short(const RandomFile& file, int64_t offset, TarListing& listing) {
  listing.cut_short = true;
  const auto* last = listing.members.empty() ? nullptr : &listing.members.back();
  if (last && last->offset + last->length > file.size()) {
    listing.incomplete =
        fmt::format("cut short: {} of the {} bytes of \"{}\" are there; files after it may be missing",
                    std::max<int64_t>(file.size() - last->offset, 0), last->length, for_message(last->name));
    return;
  }
  listing.incomplete = fmt::format(
      "cut short: it ends {}, accepted: at two blocks of zeros; {}",
      offset == file.size() ? fmt::format("without its end mark at byte {}", offset)
                            : fmt::format("in the middle of a block at byte {}", file.size()),
      last ? fmt::format("files after \"{}\" may be missing", for_message(last->name)) : "there is no file in it");
}

}  // namespace

TarListing list_tar(const RandomFile& file) {
  TarListing listing;
  Extension extension;
  int64_t offset = 0;
  try {
    while (true) {
      if (file.size() - offset < kBlock) {
        say_cut_short(file, offset, listing);
        break;
      }
      const std::string header = file.read(offset, kBlock);
      if (is_zero(header)) {
        check_end_mark(file, offset, listing);
        break;
      }
      if (!checksum_fits(header)) {
        const bool gzip = offset == 0 && header.starts_with("\x1F\x8B");
        fail("{}", gzip ? "compressed archive, accepted: plain .tar" : "not a tar header (wrong checksum)");
      }
      const char type = header[156];
      const bool is_member = type == '0' || type == '\0' || type == '7';
      int64_t length = number_field(header, 124, 12);
      if (is_member && extension.length >= 0) length = extension.length;
      // Folders and links have no data, whatever their size field says.
      if (type >= '1' && type <= '6') length = 0;
      if (length < 0 || length > INT64_MAX / 2 - offset) fail("impossible member length");
      const int64_t data = offset + kBlock;
      if (type == 'L' || type == 'x') {
        if (length > kMaxExtensionBytes) fail("impossible header length");
        if (length <= file.size() - data) {  // else the end comes next
          const std::string content = file.read(data, length);
          if (type == 'L') extension.name = content.substr(0, content.find('\0'));
          if (type == 'x') parse_pax(content, extension);
        }
      } else {
        std::string name = extension.name.empty() ? header_name(header) : extension.name;
        if ((type == '1' || type == '2') && format_of_extension(name)) ++listing.links;
        if (is_member) listing.members.push_back({std::move(name), data, length});
        if (type != 'g' && type != 'K') extension = {};
      }
      offset = data + (length + kBlock - 1) / kBlock * kBlock;
    }
  } catch (const Error& error) {
    fail("damaged archive at byte {}: {}", offset, error.what());
  }
  return listing;
}

}  // namespace forger
