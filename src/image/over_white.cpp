#include "image/over_white.h"

#include <cstring>
#include <utility>
#include <vector>

namespace forger {
namespace {

template <class Value>
void lay_over_white(const uint8_t* from, uint8_t* to, int64_t pixels) {
  constexpr uint64_t kWhite = static_cast<Value>(~Value{0});
  for (int64_t x = 0; x < pixels; ++x, from += 4 * sizeof(Value), to += 3 * sizeof(Value)) {
    Value rgba[4];
    std::memcpy(rgba, from, sizeof rgba);
    for (int c = 0; c < 3; ++c) {
      rgba[c] = static_cast<Value>((uint64_t{rgba[c]} * rgba[3] + kWhite * (kWhite - rgba[3]) + kWhite / 2) / kWhite);
    }
    std::memcpy(to, rgba, 3 * sizeof(Value));
  }
}

class RowsOverWhite : public RowReader {
 public:
  RowsOverWhite(std::unique_ptr<RowReader> rows, const std::string& name)
      : RowReader(name, rows->height(), rows->width(), 3, rows->value_bytes()),
        rows_(std::move(rows)),
        row_(static_cast<size_t>(rows_->row_bytes())) {}

 protected:
  void read_next(uint8_t* rows, int64_t count) override {
    const auto lay = value_bytes() == 1 ? lay_over_white<uint8_t> : lay_over_white<uint16_t>;
    for (; count > 0; --count, rows += row_bytes()) {
      rows_->read(row_.data(), 1);
      lay(row_.data(), rows, width());
    }
  }

 private:
  std::unique_ptr<RowReader> rows_;
  std::vector<uint8_t> row_;
};

}  // namespace

std::unique_ptr<RowReader> over_white(std::unique_ptr<RowReader> rows, const std::string& name) {
  return std::make_unique<RowsOverWhite>(std::move(rows), name);
}

}  // namespace forger
