#pragma once

#include <cstdint>
#include <string>

#include "core/shape.h"

namespace forger {

/// The smallest grid of a network and how often it doubles up to the image.
struct StartGrid {
  int64_t doublings = 0;
  int64_t height = 0;
  int64_t width = 0;
};

/// The grid that `depth` halvings of `shape` leave; depth 0: as many as leave at least 4 pixels a side.
/// `player` is "generator" or "discriminator", for messages. Throws Error when the sides cannot be halved so
/// often without rest, naming the nearest sizes that can, or when the shape is a point.
StartGrid start_grid(const std::string& player, const std::string& network, int64_t depth, const ImageShape& shape);

/// Channels of a convolutional latent of `latent_size` numbers on the generator's first grid. Throws Error when they do
/// not fill it evenly.
int64_t convolutional_latent_channels(int64_t latent_size, const StartGrid& grid);

/// Channels at `level` doublings below the image: width * 2^level, at most `max_width`.
int64_t level_channels(int64_t width, int64_t max_width, int64_t level);

/// Throws Error unless the shape is an image.
void expect_image(const std::string& player, const std::string& network, const ImageShape& shape);

}  // namespace forger
