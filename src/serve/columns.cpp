#include "serve/columns.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "run/journal.h"

namespace forger {
namespace {

constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();
/// Whole numbers up to here are exact as double.
constexpr double kLargestStep = 9e15;

}  // namespace

bool Columns::append(const std::string& line) {
  line_.clear();
  double step = kNothing;
  const bool is_whole = take_numbers(line, [&](const std::string& name, double value) {
    if (name == "step") {
      step = value;
    } else {
      line_.emplace_back(index_of(name, line_.size()), value);
    }
  });
  if (!is_whole || !(step >= 0 && step <= kLargestStep)) return false;
  if (!steps_.empty() && static_cast<int64_t>(step) < steps_.back()) return false;
  steps_.push_back(static_cast<int64_t>(step));
  for (auto& column : columns_) column.push_back(kNothing);
  for (const auto& [index, value] : line_) columns_[index].back() = value;
  return true;
}

void Columns::clear() { *this = Columns(); }

const std::vector<double>* Columns::find(const std::string& name) const {
  const auto found = index_.find(name);
  return found == index_.end() ? nullptr : &columns_[found->second];
}

double Columns::last(const std::string& name) const {
  const auto* column = find(name);
  return column == nullptr || column->empty() ? kNothing : column->back();
}

std::pair<int64_t, int64_t> Columns::rows_between(int64_t from, int64_t to) const {
  const auto first = std::ranges::lower_bound(steps_, from), end = std::ranges::upper_bound(steps_, to);
  return {first - steps_.begin(), std::max(first, end) - steps_.begin()};
}

size_t Columns::index_of(const std::string& name, size_t guess) {
  // Lines have their numbers in one order, nearly always.
  if (guess < names_.size() && names_[guess] == name) return guess;
  const auto [place, is_new] = index_.try_emplace(name, names_.size());
  if (is_new) {
    names_.push_back(name);
    columns_.emplace_back(steps_.size(), kNothing);
  }
  return place->second;
}

}  // namespace forger
