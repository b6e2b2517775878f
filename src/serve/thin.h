#pragma once

#include <cstdint>
#include <vector>

namespace forger {

/// Rows of a journal as a chart needs them.
struct ThinnedRows {
  std::vector<int64_t> steps;
  /// One for each column that was given.
  std::vector<std::vector<double>> columns;
  /// Whether these are fewer rows than there are.
  bool thinned = false;
};

/// Rows `first` to `end` (not included) of columns. Where they are more than `most` (at least 2), they are put into
/// buckets; each becomes two rows, at its first and last step, that hold the least and the greatest number of each
/// column in the order in which they came: what stands out stays in sight. NaN stands where a bucket has no number.
/// With `whole_rows` the rows that stay are some of those that there are, evenly spread, the last one among them: for
/// holding one column against another.
ThinnedRows thinned(const std::vector<int64_t>& steps, const std::vector<const std::vector<double>*>& columns,
                    int64_t first, int64_t end, int64_t most, bool whole_rows = false);

}  // namespace forger
