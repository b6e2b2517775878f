#pragma once

#include <vector>

#include "config/section.h"

namespace forger {

/// Every section in the order in which it is written. Those that only some games read come from the table of games.
const std::vector<Section>& sections();

Section general_section();
Section data_section();
Section generator_section();
Section discriminator_section();
Section objective_section();
Section augmentation_section();
Section training_section();
Section referee_section();

}  // namespace forger
