#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "forger/config.h"

namespace forger {

/// A configuration from the text of a recipe, which may give any subset of the keys. `name` stands in
/// messages, `recipe` is what `Config::recipe` becomes unless the text says it. Throws Error with name, line,
/// key and what is accepted. Whether the values fit each other is Config::check's. `notices`, if given, gets a line for
/// each old key.
Config parse_config(std::string_view toml, const std::string& name, const std::string& recipe,
                    std::vector<std::string>* notices = nullptr);

}  // namespace forger
