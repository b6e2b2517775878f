#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <optional>

#include "networks/network.h"
#include "tasks/tiler.h"

namespace forger {

/// How tiles are brought through a network.
struct EnlargerOptions {
  /// Convolutions run in bfloat16; what then is no number, or far from an image's range, is computed again in float32.
  bool bfloat16 = false;
  /// The mean of what the network makes of the eight turns and flips of a tile.
  bool tta = false;
  /// Where the network makes images of another kind: the channels that it takes, 1 (grey), 3 (RGB) or 4 (RGBA). 0:
  /// pictures keep their kind.
  int64_t source_channels = 0;
  /// Above 0: these are label maps of so many kinds, in one channel.
  int64_t kinds = 0;
};

/// Brings tiles of any kind of picture through a network that enlarges images of one channel (luma) or three (RGB):
/// - Grey goes through a network of RGB as RGB, and what comes out becomes grey again (ITU-R 601 luma).
/// - Of colours, only the luma goes through a network of one channel; what they differ by from it is enlarged
/// bicubically.
/// - Alpha is enlarged bicubically, and what is not to be seen takes the colours beside it first, which else would show
///   at edges.
/// Where images become others of another kind, pictures are brought to what the network takes, and what it makes stays
/// as it is.
class Enlarger {
 public:
  /// `network` makes images of `channels`: as many as it takes, 1 or 3, or of another kind 1, 3 or 4. Throws Error on
  /// others.
  Enlarger(std::shared_ptr<ImageGenerator> network, int64_t channels, c10::Device device,
           const EnlargerOptions& options);

  /// Tiles as a Tiler gives them, of 1 (grey), 3 (RGB) or 4 channels (RGBA; grey with alpha where `is_grey`) -> float32
  /// `[N, C, scale * h, scale * w]`, black 0 and white 1, C = 1, 3, 4, or 2 for grey with alpha, or of another kind as
  /// many as the network makes. Throws Error where in float32, too, something is no number or far from that range.
  at::Tensor enlarge(const at::Tensor& tiles, bool is_grey);

  /// What the network asks of sizes, as far as pictures with so many channels are concerned.
  ImageRule rule(int64_t channels) const;
  /// Whether images become others of another kind, and the channels of these.
  bool changes_kind() const { return options_.source_channels > 0; }
  int64_t made_channels() const { return channels_; }
  /// As EnlargerOptions::kinds.
  int64_t kinds() const { return options_.kinds; }
  /// What the network draws from now on follows from the seed; without one it draws nothing.
  void draw(std::optional<uint64_t> seed);
  /// Tiles that were computed again in float32 so far.
  int64_t again() const { return again_; }
  /// Bytes that a pixel of a tile takes on its way, about.
  int64_t bytes_per_pixel();

 private:
  at::Tensor through_network(const at::Tensor& images);
  at::Tensor made_of(const at::Tensor& images, bool bfloat16);
  at::Tensor checked(const at::Tensor& images);
  at::Tensor colors_of(const at::Tensor& colors);
  at::Tensor as_source(const at::Tensor& images, bool is_grey) const;

  std::shared_ptr<ImageGenerator> network_;
  int64_t channels_;
  c10::Device device_;
  EnlargerOptions options_;
  int64_t again_ = 0, bytes_per_pixel_ = 0;
};

/// How a picture is cut for a network: tiles of `tile_px`, around which it sees as much as a pixel is made from, so
/// that seams are hidden; where that is too much, it sees less, and seams are blended.
Tiling tiling_for(const ImageRule& rule, int64_t tile_px);

}  // namespace forger
