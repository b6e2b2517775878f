#pragma once

#include <vector>

#include "config/schema.h"

namespace forger {

/// Every option, section by section, with what it takes and what it does.
std::vector<Option> make_option_table();

}  // namespace forger
