#include "referee/course.h"

#include <algorithm>
#include <cmath>

namespace forger {
namespace {

constexpr size_t kLongTrendChecks = 6;

}  // namespace

double likeness(const std::vector<int64_t>& a, const std::vector<int64_t>& b) {
  if (a.empty() && b.empty()) return 1;
  const auto both = static_cast<double>(
      std::count_if(a.begin(), a.end(), [&](int64_t bin) { return std::find(b.begin(), b.end(), bin) != b.end(); }));
  return both / (static_cast<double>(a.size() + b.size()) - both);
}

bool covers_more(const Checks& checks, size_t i, const Limits& limits) {
  if (i < kTrendChecks) return false;
  const double before = checks[i - kTrendChecks].coverage, now = checks[i].coverage;
  const double variance = (before * (1 - before) + now * (1 - now)) / static_cast<double>(checks[i].unseen);
  return before > limits.some_coverage && now - before > limits.coverage_deviations * std::sqrt(variance);
}

double likeness_of_kinds(const Check& a, const Check& b) {
  const auto most_missing = [](const Check& check) {
    return check.kinds > 0 && 2 * static_cast<int64_t>(check.missing_kinds.size()) > check.kinds;
  };
  if (!(most_missing(a) || most_missing(b))) return likeness(a.missing_kinds, b.missing_kinds);
  const auto drawn = [](const Check& check) {
    std::vector<int64_t> kinds;
    for (int64_t kind = 0; kind < check.kinds; ++kind) {
      if (std::find(check.missing_kinds.begin(), check.missing_kinds.end(), kind) == check.missing_kinds.end()) {
        kinds.push_back(kind);
      }
    }
    return kinds;
  };
  return likeness(drawn(a), drawn(b));
}

bool grows_denser(const Checks& checks, size_t i, const Limits& limits) {
  if (i + 1 < kLongTrendChecks || checks[i].density > 1) return false;
  // A regression line over the checks, and how sure its slope is (t-test).
  const auto n = static_cast<double>(kLongTrendChecks);
  double mean = 0;
  for (size_t k = 0; k < kLongTrendChecks; ++k) mean += checks[i - k].density / n;
  double along = 0, squares = 0, total = 0;
  for (size_t k = 0; k < kLongTrendChecks; ++k) {
    const double from_middle = (n - 1) / 2 - static_cast<double>(k), beyond_mean = checks[i - k].density - mean;
    along += from_middle * beyond_mean;
    squares += from_middle * from_middle;
    total += beyond_mean * beyond_mean;
  }
  const double slope = along / squares, rest = std::max(total - slope * along, 0.0);
  return slope > limits.density_deviations * std::sqrt(rest / (n - 2) / squares) && slope * (n - 1) > limits.denser;
}

const Check* check_before(const Checks& checks, size_t i) {
  for (size_t k = i; k-- > 0;) {
    if (checks[k].step < checks[i].step) return &checks[k];
  }
  return nullptr;
}

double recent_movement(const Checks& checks, size_t i) {
  double sum = 0;
  size_t known = 0, seen = 0;
  for (const Check* check = &checks[i]; check && seen < kTrendChecks; ++seen) {
    if (!std::isnan(check->movement)) {
      sum += check->movement;
      ++known;
    }
    check = check_before(checks, static_cast<size_t>(check - checks.data()));
  }
  return known > 1 ? sum / static_cast<double>(known) : kUnknown;
}

}  // namespace forger
