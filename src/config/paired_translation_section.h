#pragma once

#include "config/section.h"

namespace forger {

Section pairs_section();
Section translation_section();

/// Throws Error where a configuration asks of paired translation what it does not play.
void check_paired_translation(const Config& config);

}  // namespace forger
