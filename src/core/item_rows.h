#pragma once

#include <cstdint>

namespace forger {

/// Which rows of each batch, and of each part of one, a process works on: `count` from `first` on, of `of`. Where `of`
/// is 0, all.
struct ItemRows {
  int64_t first = 0, count = 0, of = 0;

  /// The whole batch's row that is the process's own row `row`. What it holds several batches of, one after the other,
  /// it shares out alike.
  int64_t of_all(int64_t row) const { return of == 0 ? row : row / count * of + first + row % count; }
  /// How many of `all` rows are its own.
  int64_t of_mine(int64_t all) const { return of == 0 ? all : all / of * count; }
};

}  // namespace forger
