#pragma once

#include <vector>

#include "forger/config.h"
#include "forger/verdict.h"
#include "referee/texts.h"

namespace forger {

/// What mends a state of a training with this configuration: first those that can be done by themselves (in the order
/// in which they are tried), then advice. Empty for states that need none.
std::vector<Remedy> remedies_for(State state, const Config& config, const Texts& texts);

}  // namespace forger
