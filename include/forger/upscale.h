#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace forger {

/// How to upscale pictures.
struct UpscaleOptions {
  /// Sides of what comes out over sides of what goes in; 0: the model's. Another is reached by antialiased bicubic
  /// resizing of what the model makes. Up to 64.
  double scale = 0;
  /// Side of the tiles that pictures are cut into, from 32; what the network sees around them comes on top. 0: what
  /// fits into free memory. When memory runs out, it is halved.
  int64_t tile_px = 0;
  /// Takes the opposite side for what lies beyond a border: for textures that are laid side by side.
  bool wrap = false;
  /// The mean of what the model makes of the eight turns and flips: eight times the work for a little more truth.
  bool tta = false;
  /// "auto" (bfloat16 where the device is fast at it), "bfloat16" or "float32".
  std::string precision = "auto";
  /// Enlarges alpha, too; otherwise pictures are laid over white.
  bool alpha = true;
  /// Of JPEG and WebP files, 1 to 100; WebP with 100 is without loss.
  int64_t quality = 95;
};

/// Those who watch.
struct UpscaleHooks {
  /// Asked again and again with the share of the picture's or the video's work that is done, 0 to 1; false ends it, and
  /// nothing is written.
  std::function<bool(double done)> goes_on;
  /// What is worth knowing, for people, one line each: memory that ran out, tiles that were computed again.
  std::function<void(const std::string& text)> on_message;
};

}  // namespace forger
