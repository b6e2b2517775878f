#include "image/wrapped_rows.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

namespace forger {
namespace {

/// A row's place in an image that goes on without end.
int64_t wrapped(int64_t place, int64_t length) { return ((place % length) + length) % length; }

class WrappedRows : public RowReader {
 public:
  WrappedRows(std::unique_ptr<RowReader> rows, RowReader& of_last, int64_t margin, const std::string& name)
      : RowReader(name, rows->height() + 2 * margin, rows->width() + 2 * margin, rows->channels(), rows->value_bytes()),
        rows_(std::move(rows)),
        margin_(margin),
        next_(-margin) {
    Row row(static_cast<size_t>(of_last.row_bytes()));
    for (int64_t y = 0; y < of_last.height(); ++y) {
      of_last.read(row.data(), 1);
      if (y >= of_last.height() - margin) kept_[y] = row;
    }
  }

 protected:
  void read_next(uint8_t* rows, int64_t count) override {
    for (; count > 0; --count, ++next_, rows += row_bytes()) {
      const auto& row = row_at(wrapped(next_, rows_->height()));
      const int64_t pixel = channels() * value_bytes();
      for (int64_t x = 0; x < width(); ++x) {
        std::copy_n(row.data() + wrapped(x - margin_, rows_->width()) * pixel, pixel, rows + x * pixel);
      }
    }
  }

 private:
  using Row = std::vector<uint8_t>;

  const Row& row_at(int64_t y) {
    if (const auto found = kept_.find(y); found != kept_.end() && (next_ < 0 || next_ >= rows_->height())) {
      return found->second;
    }
    if (y >= read_) {
      row_.resize(static_cast<size_t>(rows_->row_bytes()));
      for (; read_ <= y; ++read_) {
        rows_->read(row_.data(), 1);
        if (read_ < margin_) kept_[read_] = row_;
      }
    }
    return row_;
  }

  std::unique_ptr<RowReader> rows_;
  int64_t margin_;
  int64_t next_;                 // row of the image, beyond it at both ends
  int64_t read_ = 0;             // rows
  std::map<int64_t, Row> kept_;  // the last ones, and the first ones once they were read
  Row row_;                      // the last that was read
};

}  // namespace

std::unique_ptr<RowReader> wrapped_rows(const std::function<std::unique_ptr<RowReader>()>& open, int64_t margin,
                                        const std::string& name) {
  return std::make_unique<WrappedRows>(open(), *open(), margin, name);
}

}  // namespace forger
