#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "core/levels.h"
#include "core/shape.h"
#include "forger/model.h"
#include "image/rows.h"
#include "tasks/tiler.h"

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
/// scale in tiles of that size that overlap by half (`Tiler`).
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

  explicit Inspector(const Model& model, const DetectOptions& options = {});
  /// `reporter` is told now or later. The image has at least the model's size, in both directions. Throws what `rows`
  /// throws: then the image is forgotten.
  void add(RowReader& rows, std::unique_ptr<Reporter> reporter);
  /// Until then, some images may not be done.
  void finish() { tiler_.finish(); }

 private:
  const Model& model_;
  Tiler tiler_;
};

}  // namespace forger
