#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "data/source.h"

namespace forger {

/// An array in Yann LeCun's IDX format: bytes in row-major order.
struct IdxArray {
  std::vector<int64_t> sizes;
  std::string values;
};

/// Parses the bytes of an IDX file of unsigned bytes, plain or gzipped. Throws Error with the bare reason: another
/// format or element type; DamagedData: more or fewer bytes than the header says, gzip data without its end.
IdxArray parse_idx(std::string bytes);

/// An IDX file of images `[N, H, W]` or `[N, H, W, C]`, with the labels from the file beside it (".../train-labels-…"
/// for ".../train-images-…") when there is one; or a folder of such files, of which the training pair is taken.
std::shared_ptr<const Source> open_idx(const std::filesystem::path& path);

/// Whether a folder holds IDX image files, by their names ("…images…idx3…").
bool holds_idx(const std::filesystem::path& folder);

}  // namespace forger
