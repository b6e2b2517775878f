#include "referee/probes.h"

namespace forger {

References read_references(const OpenedData& data, bool both_ways, int64_t most, uint64_t seed) {
  References references = {std::make_shared<const Reference>(*data.training, *data.held_out, most, seed)};
  if (!both_ways) return references;
  const auto training = data.training->turned_round(), held_out = data.held_out->turned_round();
  if (training && held_out && too_few_to_judge(training->size(), held_out->size()).empty())
    references.push_back(std::make_shared<const Reference>(*training, *held_out, most, seed));
  return references;
}

Probes::Probes(const MakeExhibit& make_exhibit, const References& references, uint64_t seed, bool costly) {
  for (const auto& reference : references)
    probes_.push_back(std::make_unique<Probe>(make_exhibit(/*back=*/!probes_.empty()), reference, seed, costly));
}

void Probes::measure(const TensorMap& state, Check& check) {
  // Another look begins with what was measured of its own way.
  Check back = check.back ? *check.back : check;
  check.back.reset();
  probes_.front()->measure(state, check);
  if (probes_.size() == 1) return;
  probes_.back()->measure(state, back);
  check.back = std::make_shared<const Check>(std::move(back));
}

at::Tensor Probes::last_features(bool back) const {
  if (back && probes_.size() == 1) return {};
  return (back ? probes_.back() : probes_.front())->last_features();
}

}  // namespace forger
