#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "data/open.h"
#include "referee/probe.h"

namespace forger {

/// Makes a new exhibit of a game, or of its way back; null where there is none.
using MakeExhibit = std::function<std::unique_ptr<Exhibit>(bool back)>;

/// Real images that what a game makes is held against: of its first way and, where it goes both ways, of the way back.
using References = std::vector<std::shared_ptr<const Reference>>;

/// Reads them as `Reference` does; of the way back there are none where the data has too few.
References read_references(const OpenedData& data, bool both_ways, int64_t most, uint64_t seed);

/// A probe for each way of a game that there is a reference of.
class Probes {
 public:
  Probes(const MakeExhibit& make_exhibit, const References& references, uint64_t seed, bool costly);

  /// As `Probe::measure`, of each way: that of the way back becomes `check.back`.
  void measure(const TensorMap& state, Check& check);
  /// As `Probe::last_features`; undefined where there is no such way.
  at::Tensor last_features(bool back) const;

 private:
  std::vector<std::unique_ptr<Probe>> probes_;  // the first way first
};

}  // namespace forger
