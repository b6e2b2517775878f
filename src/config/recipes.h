#pragma once

#include <string>

namespace forger {

/// The text of a recipe that comes with Forger, as it stands in recipes/. Throws Error naming the nearest
/// known one.
std::string recipe_toml(const std::string& name);

}  // namespace forger
