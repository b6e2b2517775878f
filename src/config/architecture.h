#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "forger/config.h"

namespace forger {

/// The options of a section that describe its network's architecture, as JSON: {"network": "dcgan", "width": 64, ...}.
/// This is how model files hold a network.
nlohmann::ordered_json architecture_of(const Config& config, const std::string& section);

/// Puts a description back into `config`. A key that is missing takes the option's default, so that files of versions
/// that did not know the option can be read; an old name of a key is understood. Throws Error, beginning with `where`,
/// on what is no such description: an unknown key, or a value whose type, range or word a recipe would not take either;
/// `config` then stays as it was.
void take_architecture(Config& config, const std::string& section, const nlohmann::ordered_json& description,
                       const std::string& where);

}  // namespace forger
