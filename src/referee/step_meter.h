#pragma once

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "forger/step_report.h"
#include "referee/check.h"

namespace forger {

/// Gathers what step reports tell between two checks. Costs next to nothing a step.
class StepMeter {
 public:
  void watch(const StepReport& report);

  /// Writes the fields "from the step reports" of a check, growth against the first report. The window of the loss and
  /// that first report go on; the rest starts anew.
  void read(Check& check);

 private:
  std::deque<double> losses_;  // the discriminator's, of the last steps
  std::vector<double> update_ratios_;
  /// Of one player's turns.
  struct Turns {
    std::vector<double> updates, rates, gradients;
  };
  std::map<std::string, Turns> turns_;
  std::map<std::string, double> weight_norms_, first_weight_norms_;
  bool finite_ = true;
};

/// Variance between block means of a detrended series against what its variance within blocks explains (1: noise), and
/// the p-value of the strongest period (Fisher 1929). NaN where the series is shorter than 16 blocks or constant.
struct Swing {
  double ratio = kUnknown;
  double period_p = kUnknown;
};
Swing measure_swing(const std::vector<double>& series, size_t block);

}  // namespace forger
