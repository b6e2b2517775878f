#pragma once

#include <string>
#include <utility>
#include <vector>

#include "config/schema.h"

namespace forger {

/// Where an option of a section lies.
template <auto Part, auto Member>
Place place(Config& config) {
  return &(config.*Part.*Member);
}

/// Where an option outside the sections lies.
template <auto Member>
Place place(Config& config) {
  return &(config.*Member);
}

/// The last word of an option that describes its network's architecture.
constexpr bool kArchitecture = true;

inline Accepted words(std::vector<std::string> accepted) { return {.words = std::move(accepted)}; }

inline Accepted range(double least, double most) { return {.least = least, .most = most}; }

/// Probabilities and shares.
inline Accepted share() { return range(0, 1); }

inline Accepted above(double least, double most) { return {.least = least, .most = most, .above_least = true}; }

inline Accepted below(double least, double most) { return {.least = least, .most = most, .below_most = true}; }

/// Counts of things that a person may want none of.
inline Accepted count() { return range(0, 1e12); }

}  // namespace forger
