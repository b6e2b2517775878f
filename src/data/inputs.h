#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/shape.h"
#include "data/source.h"
#include "image/rows.h"

namespace forger {

/// Images that a person names one by one or by the set, in the order in which they were named: image files, and
/// whatever DATA may be. Nothing is decoded before it is asked for.
class Inputs {
 public:
  /// A name that is missing, or neither an image file nor a data set of images, throws Error when it is read. Throws
  /// the first such Error where there is nothing else. 16-bit images are brought to 8 bits as `levels` says.
  explicit Inputs(const std::vector<std::string>& names, const Levels& levels = {});

  int64_t size() const { return static_cast<int64_t>(items_.size()); }
  /// For people, unique: the file as it was named, or the item's name behind that of its set.
  std::string name(int64_t index) const;
  /// Where it lies below what was named: a file's own name, or the item's name in its set.
  std::string place(int64_t index) const;
  /// The bytes of the image file; empty where the item is not stored as one. Throws Error naming it.
  std::string bytes(int64_t index) const;
  /// The image in full size, upright, with the channels it has. Throws Error naming it.
  Pixels read(int64_t index) const;
  /// The same, row by row.
  std::unique_ptr<RowReader> open(int64_t index) const;
  /// Files and folders in the sets that are passed over, as Source::ignored has them.
  const PassedOver& ignored() const { return ignored_; }
  /// What is wrong with the ends of archives, as Source::incomplete has it.
  const std::vector<std::string>& incomplete() const { return incomplete_; }
  /// Of the images read so far: those of 16 bits, and those among them that have values beyond the levels.
  int64_t deep() const { return deep_; }
  int64_t clipped() const { return clipped_; }

 private:
  struct Item {
    std::string file;                      ///< of an image file, else empty
    std::shared_ptr<const Source> source;  ///< of an item of a set
    std::string source_name;
    int64_t index = 0;
    std::string wrong;  ///< why it cannot be read, as far as that is known already
  };
  void add_set(const std::string& name);
  const Item& readable(int64_t index) const;
  void account(const DeepCount& count) const;

  Levels levels_;
  mutable int64_t deep_ = 0, clipped_ = 0;
  std::vector<Item> items_;
  PassedOver ignored_;
  std::vector<std::string> incomplete_;
};

/// Whether a model looks at an image in tiles of its size, at the image's own scale: unless `resize` says how to bring
/// the whole to it. Throws Error naming both sizes when the image is smaller.
bool is_seen_in_tiles(int64_t height, int64_t width, const ImageShape& shape, const std::string& name,
                      const std::string& resize);

/// The image as a model takes it: in its channels, and in its size. Throws Error naming both sizes when they differ,
/// unless `resize` ("crop", "pad" or "stretch") says how to bring the image to it.
Pixels to_model_shape(Pixels image, const ImageShape& shape, const std::string& name, const std::string& resize);

}  // namespace forger
