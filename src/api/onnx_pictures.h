#pragma once

#include <cstdint>
#include <string>

#include "onnx/graph.h"

namespace forger {

/// Pictures at the ends of an ONNX graph: uint8 `[N, H, W, C]`, or, where it is to hold the network alone, float32
/// `[N, C, H, W]` in [-1, 1].
class OnnxPictures {
 public:
  /// The name of how many images there are.
  inline static const std::string kBatch = "batch";

  struct Sides {
    OnnxSide height, width;
    /// Those of images `scale` times as large.
    Sides times(int64_t scale) const;
  };

  OnnxPictures(OnnxGraph& graph, bool raw) : graph_(graph), raw_(raw) {}

  /// An input, as networks take images: `[N, channels, H, W]` in [-1, 1] of the graph's numbers.
  OnnxValue take(const std::string& name, int64_t channels, const Sides& sides) const;
  /// An input of label maps, uint8 `[N, H, W, 1]` with the numbers of kinds, as networks see them: `[N, kinds, H, W]`.
  OnnxValue take_kinds(const std::string& name, int64_t kinds, const Sides& sides) const;
  /// An output of what a network made. Numbers that are none become black.
  void give(const std::string& name, const OnnxValue& images, int64_t channels, const Sides& sides) const;

 private:
  OnnxValue input(const std::string& name, int64_t channels, const Sides& sides) const;
  OnnxValue float_number(float value) const;

  OnnxGraph& graph_;
  bool raw_;
};

}  // namespace forger
