#pragma once

#include <filesystem>
#include <string>

#include "model/model_file.h"

namespace forger {

/// Reads weights of a network from images to images that another program saved (`read_foreign_weights`,
/// `recognize_network`), as a model. `as`: the architecture, one of `community_networks()`; empty: it is recognised.
/// Throws Error naming the path.
ModelFile import_model(const std::filesystem::path& path, const std::string& as = "");

/// What `read_model` reads, or else what `import_model` reads.
ModelFile read_or_import_model(const std::filesystem::path& path);

}  // namespace forger
