#pragma once

#include <map>
#include <string>
#include <vector>

#include "forger/config.h"
#include "forger/verdict.h"
#include "referee/detectors.h"
#include "referee/texts.h"

namespace forger {

/// What mends a state of a training with this configuration: first those that can be done by themselves (in the order
/// in which they are tried), then advice. Empty for states that need none. `since_step`: the step since which it holds.
std::vector<Remedy> remedies_for(State state, int64_t since_step, const Config& config, const Texts& texts);

/// Players whose learning rate may be why they stand still, with that rate: it is far below the usual one for this kind
/// of data, or their optimiser (sgd) does not make it independent of the gradient's size.
std::map<std::string, SlowPlayer> slow_players(const Config& config);

}  // namespace forger
