#pragma once

#include <memory>

#include "core/team.h"
#include "metrics/features.h"

namespace forger {

/// For rank 0: the same features, of which each process of a team computes its part. The others call
/// `help_with_features` meanwhile, which returns when this one is gone. Features are the same as of one process.
std::shared_ptr<const FeatureNet> shared_features(std::shared_ptr<const FeatureNet> net, std::shared_ptr<Team> team);

/// The part of the other processes, with the same network. Throws TeamError when one of them is gone.
void help_with_features(const FeatureNet& net, Team& team);

}  // namespace forger
