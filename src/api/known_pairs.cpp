#include "api/known_pairs.h"

#include "core/fail.h"
#include "core/json.h"

namespace forger {
namespace {

template <class Pairs, class Visit>
void for_each_pairs_field(Pairs& pairs, Visit&& visit) {
  auto& options = pairs.options;
  visit("source", options.source);
  visit("direction", options.direction);
  visit("edges", options.edges);
  visit("blur", options.blur);
  visit("mask", options.mask);
  visit("fit", pairs.fit);
}

}  // namespace

std::string to_json(const KnownPairs& pairs) {
  nlohmann::ordered_json json;
  for_each_pairs_field(pairs, FieldWriter{json});
  return json_text(json);
}

KnownPairs known_pairs(const ModelInfo& model) {
  KnownPairs pairs;
  const auto found = model.provenance.find("pairs");
  if (found == model.provenance.end()) return pairs;
  const auto json = nlohmann::ordered_json::parse(found->second, nullptr, /*allow_exceptions=*/false);
  try {
    for_each_pairs_field(pairs, FieldReader{json});
  } catch (const nlohmann::json::exception&) {
    fail("the model's provenance, pairs: received {}, accepted: what a training wrote there", found->second);
  }
  return pairs;
}

}  // namespace forger
