#pragma once

#include "data/open.h"

namespace forger {

/// The two kinds of images that a game without pairs learns from. Throws Error as `open_data`.
OpenedData open_unpaired(const Config& config);

}  // namespace forger
