#include "api/read_checks.h"

#include "core/fail.h"
#include "run/journal.h"

namespace forger {

std::vector<Check> read_checks(const RunFolder& run) {
  std::vector<Check> checks;
  for (const auto& line : read_journal(run.metrics()).entries) {
    try {
      checks.push_back(check_from_json(line));
    } catch (const Error& error) {
      fail("{}:{}: {}", run.metrics().string(), checks.size() + 1, error.what());
    }
  }
  return checks;
}

}  // namespace forger
