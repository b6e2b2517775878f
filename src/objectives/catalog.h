#pragma once

#include <memory>
#include <string>
#include <vector>

#include "forger/config.h"
#include "forger/objective.h"

namespace forger {

/// The objective that `options.name` names. Throws Error naming the nearest known one.
std::shared_ptr<const Objective> make_objective(const ObjectiveOptions& options);

/// Names that the table accepts.
std::vector<std::string> objective_names();

}  // namespace forger
