#pragma once

#include "referee/check.h"
#include "referee/detectors.h"

namespace forger {

/// Whether a translation gives back its sources: it is near to them, and neither nearer to the truths nor, without
/// truths, to the other kind of images, which the sources are unlike. To come nearer to that kind than they are is
/// progress.
bool gives_back_sources(const Check& check, const Limits& limits);

/// Whether another source hardly changes what is made, or it is no nearer to its own truth than to others, without
/// progress.
bool ignores_sources(const Check& check, const Limits& limits);
/// The latter.
bool misses_its_truth(const Check& check, const Limits& limits);

/// Whether another source changes what is made by at least half of what real images differ by.
bool follows_sources(const Check& check, const Limits& limits);

/// Whether the colours of what is made vary far less than the data's.
bool has_few_colors(const Check& check, const Limits& limits);

/// Whether what is made goes against its truth or its source in lightness, while its negatives are much nearer to the
/// data.
bool inverts_light(const Check& check, const Limits& limits);

}  // namespace forger
