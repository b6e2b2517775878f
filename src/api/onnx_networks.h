#pragma once

#include <filesystem>

#include "api/model_parts.h"

namespace forger {

/// Fills a model from an ONNX file that Forger wrote, with a generator, an upscaler or a translator that ONNX Runtime
/// runs on processors. Throws Error naming the file: where there is no ONNX Runtime, the file is damaged, another
/// program wrote it, or it holds another part.
void load_onnx(Model::Implementation& model, const std::filesystem::path& file);

}  // namespace forger
