#pragma once

#include "config/section.h"

namespace forger {

Section cycle_section();
Section contrast_section();

/// Throw Error where a configuration asks of a game of unpaired translation what it does not play.
void check_unpaired_translation(const Config& config);
void check_one_sided_translation(const Config& config);

}  // namespace forger
