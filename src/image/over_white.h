#pragma once

#include <memory>

#include "image/rows.h"

namespace forger {

/// The rows of an image of four channels laid over white, in three.
std::unique_ptr<RowReader> over_white(std::unique_ptr<RowReader> rows, const std::string& name);

}  // namespace forger
