#pragma once

#include <memory>
#include <string>
#include <vector>

#include "data/source.h"

namespace forger {

/// "x/{000..127}.tar" -> its 128 names; "{a,b}" too, and several braces. Text without braces is returned as it is.
/// Throws Error on a range that ends before it begins or has more than a million numbers.
std::vector<std::string> expand_braces(const std::string& pattern);

/// Tar archives in the WebDataset layout: members that share a path up to the first dot of the file name belong
/// together; the images among them are items, a ".cls" member is their class number. Without ".cls" members the folder
/// that an image lies in is its class. Archives are indexed once and read in place, never unpacked. Throws Error:
/// unreadable or damaged archive, no images.
std::shared_ptr<const Source> open_shards(const std::vector<std::string>& paths);

}  // namespace forger
