#pragma once

#include <filesystem>
#include <memory>

#include "data/source.h"

namespace forger {

/// A folder of PNG, JPEG and WebP files (known by their extension; what they really are, their content tells), read
/// recursively in the order of their paths. Names that begin with a dot, and what systems make beside people's files,
/// are passed over. Symbolic links are followed, each folder once. First-level folders are classes when there are at
/// least two and no image lies beside them. Throws Error when there is no image.
std::shared_ptr<const Source> open_folder(const std::filesystem::path& path);

/// Whether there is an image in it.
bool holds_images(const std::filesystem::path& path);

}  // namespace forger
