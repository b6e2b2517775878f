#include "config/option_helpers.h"
#include "config/sections.h"
#include "core/fail.h"
#include "core/levels.h"
#include "core/text.h"

namespace forger {
namespace {

bool is_byte_size(std::string_view text) {
  try {
    parse_bytes(text, "");
    return true;
  } catch (const Error&) {
    return false;
  }
}

bool is_levels(std::string_view text) { return levels_in(text).has_value(); }

Accepted levels() {
  return {
      .words = {"keep", "stretch", "clip"},
      .other_names = {{"full", "keep"},
                      {"none", "keep"},
                      {"minmax", "stretch"},
                      {"auto", "stretch"},
                      {"normalize", "stretch"},
                      {"percentile", "clip"}},
      .form = is_levels,
      .form_in_words = "[low, high] such as [0, 4095], within 0 to 65535",
      .or_list = true,
  };
}

void check_data(const Config& config) {
  const DataOptions& data = config.data;
  const bool points = data.source.starts_with("synthetic:") || data.size == std::vector<int64_t>{1, 1};
  if (data.channels == 2 && !points) {
    fail("data.channels: received 2, accepted: 0, 1, 3, 4 for images (2 is for points, synthetic:ring8)");
  }
}

}  // namespace

Section data_section() {
  return {
      "data",
      {
          {"data.source",
           place<&Config::data, &DataOptions::source>,
           {},
           "A folder, a zip archive, IDX files, tar shards such as shards/{000..127}.tar, or synthetic:NAME."},
          {"data.size", place<&Config::data, &DataOptions::size>, range(1, 2048),
           "[height, width] in pixels; []: the images' own size if they agree and it fits the networks, else "
           "64."},
          {"data.channels", place<&Config::data, &DataOptions::channels>, range(0, 4),
           "1 grey, 3 RGB, 4 RGBA (2: points); 0: what the first images have."},
          {"data.fit", place<&Config::data, &DataOptions::fit>, words({"crop", "pad", "stretch", "tiles"}),
           "How an image of another size comes to size: crop the middle, pad with black, stretch, or cut into tiles."},
          {"data.levels", place<&Config::data, &DataOptions::levels>, levels(),
           "Which values of 16-bit images become 0 and 255: keep all 65536, stretch the training images' own range, "
           "clip a thousandth at either end, or two numbers."},
          {"data.flip",
           place<&Config::data, &DataOptions::flip>,
           {},
           "Mirrors every second training image: doubles the data where left and right mean nothing."},
          {"data.labels",
           place<&Config::data, &DataOptions::labels>,
           {},
           "Reads class labels and makes the networks class-conditional."},
          {"data.classes", place<&Config::data, &DataOptions::classes>, range(0, 1e6),
           "Trains on these classes only, by number; []: on all."},
          {"data.cache",
           place<&Config::data, &DataOptions::cache>,
           {.form = is_byte_size, .form_in_words = "a size such as \"512MiB\" or \"2GiB\""},
           "Memory for decoded images: a set that fits is decoded once, a larger one ahead of each step."},
          {"data.max_bad", place<&Config::data, &DataOptions::max_bad>, share(),
           "The share of unreadable images above which training refuses to go on."},
          {"data.held_out", place<&Config::data, &DataOptions::held_out>, below(0, 1),
           "The share of images (at most 10,000) that is kept from the players for referee and metrics."},
          {"data.workers", place<&Config::data, &DataOptions::workers>, range(0, 1024),
           "Decoding threads; 0: one per processor."},
      },
      check_data};
}

}  // namespace forger
