#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "data/dataset.h"
#include "forger/config.h"
#include "image/image_file.h"

namespace forger {

/// The items behind `data.source` as they are stored: before size, channels and split are decided. All methods may be
/// called from several threads at once.
class Source {
 public:
  virtual ~Source() = default;

  /// For people: "folder", "IDX", "tar shards", "synthetic".
  virtual std::string kind() const = 0;
  virtual int64_t size() const = 0;
  /// File name, relative to the source, or "train-images-idx3-ubyte.gz#17".
  virtual std::string name(int64_t index) const = 0;
  /// Class number, or -1 where there is none.
  virtual int64_t label(int64_t index) const = 0;
  /// In the order of their numbers; empty when the source has no classes.
  virtual std::vector<std::string> class_names() const = 0;

  /// What the header says; cheap. Throws Error naming the item.
  virtual ImageInfo info(int64_t index) const = 0;
  /// The image at no less than `goal`, upright, with the channels it has. Throws Error naming the item.
  virtual Pixels decode(int64_t index, const DecodeGoal& goal) const = 0;

  /// Whether the items are 2-D points instead of images: then `point` takes the place of `info` and `decode`.
  virtual bool has_points() const { return false; }
  /// float32 `[2, 1, 1]`.
  virtual at::Tensor point(int64_t index) const;

  /// The bytes of the item's image file; empty when it is not stored as one (IDX, synthetic).
  virtual std::string file_bytes(int64_t) const { return {}; }
  /// A number that follows from what the item is, not from where it stands: of its name or, where names only count, of its
  /// bytes. The side on which it stands, training or held out, follows from it.
  virtual uint32_t mark(int64_t index) const;
  /// How large the item is where it is stored; 0 where it is not.
  virtual int64_t stored_bytes(int64_t) const { return 0; }
  /// Files that were passed over because by name they are no PNG, JPEG or WebP: extension -> count.
  virtual std::map<std::string, int64_t> ignored() const { return {}; }
};

/// Opens what `options.source` names; `size` and `channels` shape synthetic images, the rest is not looked at. Throws
/// Error: missing, empty, a single image, no data set …
std::shared_ptr<const Source> open_source(const DataOptions& options);

/// Whether a file is taken for a data set, an IDX file or a tar archive, by its name and its first bytes.
bool is_data_file(const std::string& path);

/// What the data itself sets aside from training, as some layouts do; null where the split is ours to make.
std::shared_ptr<const Source> open_held_out_source(const DataOptions& options);

}  // namespace forger
