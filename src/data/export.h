#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "data/source.h"
#include "data/synthetic.h"

namespace forger {

/// Writes a synthetic set into a new (or empty) folder: images as "class/000012.png"; points as "points.csv" (x, y,
/// mode) beside a picture of them, "points.png". The folder appears when it is whole. Throws Error and leaves nothing
/// when it cannot be written or holds something.
void write_synthetic(const SyntheticOptions& options, const std::filesystem::path& folder);

struct PackReport {
  int64_t images = 0;
  std::vector<std::string> shards;
  /// "name: reason" of the files that are no images and were left out, and of archives of which some may be missing.
  std::vector<std::string> left_out;
};

/// Packs images into tar shards of the WebDataset layout: "class/00000012.jpg" with "class/00000012.cls" beside it, or
/// "00000012.jpg" without classes. The bytes of image files stay as they are; images of other sources become PNGs.
/// `target`: one archive ("x.tar"), a fixed number of them ("x-{000..007}.tar", images spread evenly), or a new folder
/// for archives ("shard-000000.tar" …) of about `shard_bytes`. Throws Error, and leaves nothing, when one of them is
/// already there or the disk is full.
PackReport pack_shards(const Source& source, const std::string& target, int64_t shard_bytes);

}  // namespace forger
