#pragma once

#include "model/layouts.h"

namespace forger {

/// `Layout::take` of SwinIR and of DAT.
CommunityNetwork take_swinir(NamedTensors weights);
CommunityNetwork take_dat(NamedTensors weights);

}  // namespace forger
