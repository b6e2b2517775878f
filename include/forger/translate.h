#pragma once

#include <cstdint>
#include <string>

namespace forger {

/// How to translate pictures.
struct TranslateOptions {
  /// Which of a picture's translations, where it has many (ModelInfo::has_variety).
  uint64_t seed = 1;
  /// Draws nothing: the one translation without dropout.
  bool deterministic = false;
  /// Side of the tiles that pictures are cut into, from 32; what the network sees around them comes on top. A tile
  /// knows nothing of the others, so its colours may differ. 0: the whole picture, and tiles only where memory is
  /// short.
  int64_t tile_px = 0;
  /// "auto" (bfloat16 where the device is fast at it), "bfloat16" or "float32".
  std::string precision = "auto";
  /// Of JPEG and WebP files, 1 to 100; WebP with 100 is without loss.
  int64_t quality = 95;
};

}  // namespace forger
