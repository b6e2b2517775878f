#include "api/known_pairs.h"

#include <nlohmann/json.hpp>

#include "core/fail.h"

namespace forger {

std::string to_json(const KnownPairs& pairs) {
  const auto& options = pairs.options;
  return nlohmann::ordered_json{{"source", options.source}, {"direction", options.direction}, {"edges", options.edges},
                                {"blur", options.blur},     {"mask", options.mask},           {"fit", pairs.fit}}
      .dump();
}

KnownPairs known_pairs(const ModelInfo& model) {
  KnownPairs pairs;
  const auto found = model.provenance.find("pairs");
  if (found == model.provenance.end()) return pairs;
  const auto json = nlohmann::json::parse(found->second, nullptr, /*allow_exceptions=*/false);
  try {
    auto& options = pairs.options;
    json.at("source").get_to(options.source);
    json.at("direction").get_to(options.direction);
    json.at("edges").get_to(options.edges);
    json.at("blur").get_to(options.blur);
    json.at("mask").get_to(options.mask);
    json.at("fit").get_to(pairs.fit);
  } catch (const nlohmann::json::exception&) {
    fail("the model's provenance, pairs: received {}, accepted: what a training wrote there", found->second);
  }
  return pairs;
}

}  // namespace forger
