#pragma once

#include "config/section.h"

namespace forger {

Section degradation_section();
Section super_resolution_section();

/// Throws Error where a configuration asks of super-resolution what it does not play.
void check_super_resolution(const Config& config);

}  // namespace forger
