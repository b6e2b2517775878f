#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <memory>
#include <vector>

#include "image/rows.h"
#include "networks/image_rule.h"

namespace forger {

/// How images are cut into tiles, and the tiles put together again.
struct Tiling {
  /// A tile's sides, in pixels of the image; an image with a smaller side is as large as its tile there.
  int64_t height_px = 0;
  int64_t width_px = 0;
  /// How it is brought to the networks: 1 (grey), 3 (RGB) or 4 (RGBA); 0: as it is. Images of two bytes a value come as
  /// they are.
  int64_t channels = 3;
  /// What the network asks of sizes.
  ImageRule rule = {};
  /// What is done where tiles meet.
  enum class Seams {
    /// Tiles overlap by half and count less towards their edges: for networks to which a tile is an image of its own.
    feathered,
    /// Tiles overlap by twice the rule's halo, and of each only what has its surroundings in it counts: the same as the
    /// network would make of the whole image.
    hidden,
    /// Tiles overlap by twice `margin_px`; the outer half of a margin does not count, and behind it one tile fades into
    /// the other: for networks that see farther than a tile can.
    blended,
  } seams = Seams::feathered;
  int64_t margin_px = 0;
  /// The network gets so many tiles at once.
  int64_t tiles_at_once = 64;
};

/// Brings images of any size through a network in tiles. Images are read, and what becomes of them is told, row by row,
/// and the network sees batches of tiles, of several images where they are small: of a large image no more is held than
/// the rows of some tiles. All is told in the order of the images.
class Tiler {
 public:
  /// What a network makes of a batch of tiles.
  struct Made {
    at::Tensor images;       ///< float32 `[N, K, scale * h, scale * w]` on the CPU
    at::Tensor scores = {};  ///< float64 `[N]`: a number of each tile, of which the highest is told; or undefined
  };
  /// Tiles: uint8 `[N, channels, h, w]`, h and w at most the tiling's, beginning at the rule's multiples; int32, 0 to
  /// 65535, where values have two bytes.
  using Make = std::function<Made(const at::Tensor& tiles)>;

  /// Whoever is told of an image.
  class Reporter {
   public:
    virtual ~Reporter() = default;
    /// The next row of the image (interleaved channels, as it was read), and the `scale` rows made of it: `scale *
    /// width` pixels each, of K interleaved numbers.
    virtual void row(const uint8_t* image, const float* made) = 0;
    /// After the last row: the highest score of its tiles, and how many there were.
    virtual void done(double highest, int64_t tiles) = 0;
  };

  Tiler(const Tiling& tiling, Make make) : tiling_(tiling), make_(std::move(make)) {}
  /// `reporter` is told now or later. Throws what `rows` throws: then the image is forgotten.
  void add(RowReader& rows, std::unique_ptr<Reporter> reporter);
  /// Until then, some images may not be done.
  void finish();
  /// How many tiles an image has.
  int64_t tiles_of(int64_t height, int64_t width) const;

 private:
  /// Tiles along one side: where they begin, how long they are, and how much each of their pixels counts: all that is
  /// made of a pixel of the image adds up to 1.
  struct Side {
    int64_t length = 0, tile = 0;
    std::vector<int64_t> starts;
    std::vector<std::vector<float>> weights;
    int64_t extent(size_t index) const;
  };
  /// An image on its way.
  struct Subject {
    Side rows, columns;
    int64_t seen = 0;  // tiles
    int64_t told = 0;  // rows
    Pixels band;       // the rows from `told` on that have been read; two channels stand for one of two bytes
    int64_t value_bytes = 1;
    std::deque<std::vector<float>> made;  // what is made of each of those rows
    int64_t planes = 0;
    double highest = -std::numeric_limits<double>::infinity();
    std::unique_ptr<Reporter> reporter;
  };
  struct Tile {
    Subject* subject;
    size_t row, column;
    at::Tensor pixels;
  };

  Side side(int64_t length, int64_t tile) const;
  double weight(const Side& side, size_t index, int64_t place) const;
  at::Tensor tensor_of(Pixels part, int64_t value_bytes) const;
  void look();
  void put(const Tile& tile, const at::Tensor& made) const;
  void tell(Subject& subject) const;
  void read_to(Subject& subject, RowReader& rows, int64_t bottom) const;
  void forget_last();

  Tiling tiling_;
  Make make_;
  std::deque<std::unique_ptr<Subject>> subjects_;
  std::vector<Tile> tiles_;
};

}  // namespace forger
