#pragma once

#include <deque>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "core/levels.h"
#include "core/shape.h"
#include "forger/model.h"
#include "image/rows.h"

namespace forger {

/// The shape of a model's images.
ImageShape shape_of(const ModelInfo& info);
/// How 16-bit images are brought to 8 bits for it.
Levels levels_of(const ModelInfo& info);

/// An image's rows as an Inspector takes them: as they are where it has the model's size or is larger and nothing else
/// is asked for, else of what `to_model_shape` makes of it.
std::unique_ptr<RowReader> to_inspect(std::unique_ptr<RowReader> rows, const ModelInfo& info, const std::string& name,
                                      const std::string& resize);

/// Looks at images with a model that has a detector: whole where they have the model's size, larger ones at their own
/// scale in tiles of that size that overlap by half. Images are read, and what is found is told, row by row, and the
/// networks see batches of tiles: of a large image no more is held than the rows of some tiles. All is told in the
/// order of the images.
class Inspector {
 public:
  /// Whoever is told of an image.
  class Reporter {
   public:
    virtual ~Reporter() = default;
    /// The next row of the image (interleaved channels), and how strange each of its pixels is.
    virtual void row(const uint8_t* image, const float* map) = 0;
    /// After the last row: the score, of the strangest tile where there are several, and the share of normal images
    /// that score so high or higher.
    virtual void done(double score, double p_normal) = 0;
  };

  explicit Inspector(const Model& model) : model_(model) {}
  /// `reporter` is told now or later. The image has at least the model's size, in both directions. Throws what `rows`
  /// throws: then the image is forgotten.
  void add(RowReader& rows, std::unique_ptr<Reporter> reporter);
  /// Until then, some images may not be done.
  void finish();

 private:
  /// An image that is being looked at.
  struct Subject {
    std::vector<int64_t> tops, lefts;  // of its tiles
    int64_t height = 0;
    int64_t seen = 0;                 // tiles
    int64_t told = 0;                 // rows
    Pixels band;                      // the rows from `told` on that have been read, and for each of their pixels:
    std::vector<float> map, weights;  // a tile's map counts less towards its edges
    double highest = -std::numeric_limits<double>::infinity();  // score of a tile
    std::unique_ptr<Reporter> reporter;
  };
  struct Tile {
    Subject* subject;
    int64_t top, left;
    at::Tensor pixels;
  };

  void look();
  void add_map(const Tile& tile, const float* map) const;
  static void read_to(Subject& subject, RowReader& rows, int64_t bottom);
  static void tell(Subject& subject);
  void forget_last();

  const Model& model_;
  std::deque<std::unique_ptr<Subject>> subjects_;
  std::vector<Tile> tiles_;
};

}  // namespace forger
