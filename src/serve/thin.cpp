#include "serve/thin.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace forger {
namespace {

/// The least and the greatest number among rows, the one that comes first before the other.
std::pair<double, double> extremes(const std::vector<double>& column, int64_t first, int64_t end) {
  constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();
  double least = kNothing, greatest = kNothing;
  int64_t least_at = first, greatest_at = first;
  for (int64_t row = first; row < end; ++row) {
    const double value = column[static_cast<size_t>(row)];
    if (std::isnan(value)) continue;
    if (!(value >= least)) least = value, least_at = row;
    if (!(value <= greatest)) greatest = value, greatest_at = row;
  }
  return least_at <= greatest_at ? std::pair(least, greatest) : std::pair(greatest, least);
}

/// `most` of the rows as they are.
ThinnedRows some_of(const std::vector<int64_t>& steps, const std::vector<const std::vector<double>*>& columns,
                    int64_t first, int64_t end, int64_t most) {
  ThinnedRows rows;
  rows.thinned = true;
  rows.columns.resize(columns.size());
  for (int64_t i = 1; i <= most; ++i) {
    const auto row = static_cast<size_t>(first + i * (end - first) / most - 1);
    rows.steps.push_back(steps[row]);
    for (size_t k = 0; k < columns.size(); ++k) rows.columns[k].push_back((*columns[k])[row]);
  }
  return rows;
}

}  // namespace

ThinnedRows thinned(const std::vector<int64_t>& steps, const std::vector<const std::vector<double>*>& columns,
                    int64_t first, int64_t end, int64_t most, bool whole_rows) {
  ThinnedRows rows;
  const int64_t count = end - first;
  rows.thinned = count > most;
  if (!rows.thinned) {
    rows.steps.assign(steps.begin() + first, steps.begin() + end);
    for (const auto* column : columns) rows.columns.emplace_back(column->begin() + first, column->begin() + end);
    return rows;
  }
  if (whole_rows) return some_of(steps, columns, first, end, most);
  const int64_t buckets = most / 2;
  rows.columns.resize(columns.size());
  for (int64_t bucket = 0; bucket < buckets; ++bucket) {
    const int64_t begin = first + bucket * count / buckets, after = first + (bucket + 1) * count / buckets;
    rows.steps.push_back(steps[static_cast<size_t>(begin)]);
    rows.steps.push_back(steps[static_cast<size_t>(after - 1)]);
    for (size_t i = 0; i < columns.size(); ++i) {
      const auto [one, other] = extremes(*columns[i], begin, after);
      rows.columns[i].insert(rows.columns[i].end(), {one, other});
    }
  }
  return rows;
}

}  // namespace forger
