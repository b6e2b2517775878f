#pragma once

#include <nlohmann/json.hpp>

#include "forger/model.h"

namespace forger {

/// What a server of this model understands (OpenAPI 3.0.3).
nlohmann::ordered_json openapi(const ModelInfo& model);

}  // namespace forger
