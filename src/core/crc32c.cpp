#include "core/crc32c.h"

#include <array>
#include <cstddef>

namespace forger {
namespace {

constexpr size_t kAtOnce = 8;

/// Table `k` has what a byte leaves behind after `k` bytes of zero ("slicing by eight", Kounavis & Berry 2008).
using Tables = std::array<std::array<uint32_t, 256>, kAtOnce>;

constexpr Tables make_tables() {
  Tables tables{};
  for (uint32_t byte = 0; byte < 256; ++byte) {
    uint32_t remainder = byte;
    for (int bit = 0; bit < 8; ++bit) remainder = remainder >> 1 ^ (remainder & 1 ? 0x82F63B78u : 0u);
    tables[0][byte] = remainder;
  }
  for (size_t k = 1; k < kAtOnce; ++k) {
    for (size_t byte = 0; byte < 256; ++byte) {
      tables[k][byte] = tables[0][tables[k - 1][byte] & 0xFF] ^ tables[k - 1][byte] >> 8;
    }
  }
  return tables;
}

constexpr auto kTables = make_tables();

}  // namespace

uint32_t crc32c(std::string_view bytes) {
  uint32_t remainder = ~0u;
  const auto byte = [&](size_t i) { return static_cast<uint32_t>(static_cast<unsigned char>(bytes[i])); };
  for (; bytes.size() >= kAtOnce; bytes.remove_prefix(kAtOnce)) {
    uint32_t next = 0;
    for (size_t i = 0; i < kAtOnce; ++i) {
      const uint32_t before = i < sizeof(remainder) ? remainder >> 8 * i & 0xFF : 0;
      next ^= kTables[kAtOnce - 1 - i][byte(i) ^ before];
    }
    remainder = next;
  }
  for (size_t i = 0; i < bytes.size(); ++i) remainder = kTables[0][(remainder ^ byte(i)) & 0xFF] ^ remainder >> 8;
  return ~remainder;
}

}  // namespace forger
