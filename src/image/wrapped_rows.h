#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "image/rows.h"

namespace forger {

/// The rows of an image with `margin` pixels more at each side: those of the opposite side, as where images of it lie
/// side by side without a seam. `open` opens the image, twice: the last rows come first. No more rows are held than
/// twice the margin.
std::unique_ptr<RowReader> wrapped_rows(const std::function<std::unique_ptr<RowReader>()>& open, int64_t margin,
                                        const std::string& name);

}  // namespace forger
