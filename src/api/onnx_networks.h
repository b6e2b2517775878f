#pragma once

#include <filesystem>

#include "api/model_parts.h"

namespace forger {

/// Keys of the metadata of an exported detector: JSON lists, ascending, of the scores of normal images that nothing was
/// learnt from, and of the highest values of their maps. All thresholds follow from them.
inline constexpr const char *kNormalScores = "normal_scores", *kNormalPeaks = "normal_peaks";

/// Fills a model from an ONNX file that Forger wrote, with a generator, a detector, an upscaler or a translator that
/// ONNX Runtime runs on processors. Throws Error naming the file: where there is no ONNX Runtime, the file is damaged,
/// another program wrote it, or it holds another part.
void load_onnx(Model::Implementation& model, const std::filesystem::path& file);

}  // namespace forger
