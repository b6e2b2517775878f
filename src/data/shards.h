#pragma once

#include <memory>
#include <string>
#include <vector>

#include "data/random_file.h"
#include "data/source.h"

namespace forger {

/// "x/{000..127}.tar" -> its 128 names; "{a,b}" too, and several braces. Text without braces is returned as it is.
/// Throws Error on a range that ends before it begins or has more than a million numbers.
std::vector<std::string> expand_braces(const std::string& pattern);

/// Archives of images, tar and zip. Members that share a path up to the first dot of the file name belong together, as
/// in the WebDataset layout; the images among them are items, a ".cls" member is their class number. Without ".cls"
/// members the folder that an image lies in is its class. Hidden members, and those that systems add, are passed over.
/// Archives are indexed once and read in place, never unpacked. Throws Error when there are no images, DamagedData when
/// an archive is damaged.
std::shared_ptr<const Source> open_shards(const std::vector<std::string>& paths);

/// Whether a file is a zip archive, by its name or its first bytes.
bool is_zip(const RandomFile& file, const std::string& path);

}  // namespace forger
