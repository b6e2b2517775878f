#pragma once

#include <deque>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "core/shape.h"
#include "forger/model.h"
#include "image/pixels.h"

namespace forger {

/// The shape of a model's images.
ImageShape shape_of(const ModelInfo& info);

/// The image as an Inspector takes it: as it is where it has the model's size or is larger and nothing else is asked for,
/// else as `to_model_shape` makes it of it.
Pixels to_inspect(Pixels image, const ModelInfo& info, const std::string& name, const std::string& resize);

/// What a model says of an image of the model's size or larger.
struct Inspected {
  /// Of the strangest tile.
  double score = -std::numeric_limits<double>::infinity();
  /// The share of normal images of as many tiles that score so high or higher.
  double p_normal = 1;
  /// How strange each pixel is, row by row.
  std::vector<float> map;
};

/// Looks at images with a model that has a detector: whole where they have the model's size, larger ones at their own scale
/// in tiles of that size that overlap by half. The networks see batches of tiles, so that memory does not grow with the
/// images; results come in the order of the images.
class Inspector {
 public:
  using Done = std::function<void(Inspected)>;

  explicit Inspector(const Model& model) : model_(model) {}
  /// `done` is called now or later. The image has at least the model's size, in both directions.
  void add(const Pixels& image, Done done);
  /// Until then, some images may not be done.
  void finish();

 private:
  /// An image that is being looked at.
  struct Subject {
    int64_t width = 0, tiles = 0, seen = 0;
    double tile_p_normal = 1;
    std::vector<float> weights;  // a tile's map counts less towards its edges
    Inspected found;
    Done done;
  };
  struct Tile {
    Subject* subject;
    int64_t top, left;
    at::Tensor pixels;
  };

  void look();
  void add_map(const Tile& tile, const float* map) const;
  static void complete(Subject& subject);

  const Model& model_;
  std::deque<std::unique_ptr<Subject>> subjects_;
  std::vector<Tile> tiles_;
};

}  // namespace forger
