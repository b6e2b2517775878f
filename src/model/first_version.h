#pragma once

#include "model/model_file.h"

namespace forger {

/// The description of a model file of version 1, which knew a generator, an encoder and a detector by fields of their
/// own, as game, shape, class names and parts. Throws nlohmann::json::exception where it is damaged.
void read_first_version(TensorFile& file, ModelFile& model);

}  // namespace forger
