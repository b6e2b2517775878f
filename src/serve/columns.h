#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace forger {

/// The numbers of a journal, one column a name, one row a line. All columns have as many rows; where a line has no
/// such number, it is NaN.
class Columns {
 public:
  /// Adds a line's numbers. False, and nothing added, when it is no journal line: not JSON, no step, or one before the
  /// last line's.
  bool append(const std::string& line);
  void clear();

  int64_t rows() const { return static_cast<int64_t>(steps_.size()); }
  const std::vector<int64_t>& steps() const { return steps_; }
  /// In the order in which they came up, "step" not among them.
  const std::vector<std::string>& names() const { return names_; }
  /// None when there is no such column.
  const std::vector<double>* find(const std::string& name) const;
  /// The last number of a column; NaN when there is none.
  double last(const std::string& name) const;
  /// Rows of steps from `from` to `to`: the first, and the one after the last.
  std::pair<int64_t, int64_t> rows_between(int64_t from, int64_t to) const;

 private:
  size_t index_of(const std::string& name, size_t guess);

  std::vector<int64_t> steps_;
  std::vector<std::string> names_;
  std::vector<std::vector<double>> columns_;
  std::unordered_map<std::string, size_t> index_;
  /// Column and number of the line that is being read.
  std::vector<std::pair<size_t, double>> line_;
};

}  // namespace forger
