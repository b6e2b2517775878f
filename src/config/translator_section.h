#pragma once

#include "config/section.h"

namespace forger {

/// The section that the translation games read beside those of every game.
Section translator_section();

/// Throws Error unless the options fit each other: the widths, and dropout with the levels that drop.
void check_translator(const TranslatorOptions& translator);

}  // namespace forger
