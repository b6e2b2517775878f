#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace forger {

/// How a model is written for other programs.
struct ExportOptions {
  /// "generator", "encoder", "detector", "upscaler", "a2b" or "b2a"; empty: what the model is for, the first of
  /// detector, upscaler, its first direction and generator that it has.
  std::string part;
  /// Of ONNX files: the version of ONNX's operators, 13 to 20. Some layers need a younger one than 13, and say so.
  int64_t opset = 17;
  /// Sides of the images that go in; 0: any, or the model's where it takes no others.
  int64_t height_px = 0;
  int64_t width_px = 0;
  /// Weights and arithmetic in float16: half as large, less exact. Not for detectors.
  bool half = false;
  /// The network alone: images are float32 `[N, C, H, W]` in [-1, 1], label maps a channel for each kind. Without it
  /// pictures are uint8 `[N, H, W, C]`, and generators take a truncation.
  bool raw = false;
};

/// What goes into a written model or comes out of it.
struct ExportedTensor {
  std::string name;
  /// "float32", "uint8" or "int64".
  std::string type;
  /// Lengths, or names of those that may be any: "batch", "height", "width".
  std::vector<std::string> sides;
};

/// What was written.
struct Exported {
  std::string part;
  std::vector<ExportedTensor> inputs, outputs;
  int64_t nodes = 0;
  int64_t file_bytes = 0;
  /// Of weights in a file beside it, FILE.data: where they are larger than what one file may hold. Else 0.
  int64_t beside_bytes = 0;
  /// As it was asked for.
  bool raw = false;
};

/// What another program made of a written model, beside what Forger makes of the same random inputs.
struct Verified {
  /// "ONNX Runtime 1.32.0", or "TorchScript in LibTorch 2.13.0".
  std::string runtime;
  int64_t runs = 0;
  struct Difference {
    std::string output;
    /// Whether it is told in levels of 0 to 255.
    bool is_picture = false;
    double largest = 0;
  };
  std::vector<Difference> differences;
};

}  // namespace forger
