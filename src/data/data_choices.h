#pragma once

#include <string>
#include <vector>

#include "core/shape.h"
#include "data/open.h"
#include "data/source.h"
#include "forger/config.h"

namespace forger {

/// Throws Error where options of `[data]` are out of range.
void check_data_options(const DataOptions& options);

/// Size and channels where the options leave them open. `notice` gets what is to be said of the size.
ImageShape choose_shape(const Source& source, const std::vector<int64_t>& indices, const DataOptions& options,
                        std::string& notice);

/// `Source::mark` of each of its items.
std::vector<uint32_t> marks_of(const Source& source);

/// Which items are held out.
struct Split {
  std::vector<bool> is_held;
  double share = 0;
};

/// Those of `items` whose marks (of all the source's items), mixed, lie in the lowest `share` of all numbers. Of a
/// handful of images chance may leave none there, or none elsewhere: then the lowest are taken by their number, and
/// such a small set may change its sides when it grows.
Split choose_held_out(const std::vector<uint32_t>& marks, const std::vector<int64_t>& items, double share);

/// Says what of the source was passed over.
void add_passed_over(const Source& source, OpenedData& data);

}  // namespace forger
