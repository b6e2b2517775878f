#include "data/pairs.h"

#include <algorithm>
#include <filesystem>
#include <numeric>
#include <utility>

#include "core/fail.h"
#include "core/text.h"
#include "data/derivation.h"
#include "data/folder.h"
#include "data/image_names.h"
#include "data/side_source.h"
#include "data/sides.h"

namespace forger {
namespace {

constexpr size_t kNamesShown = 3;
/// Headers read, evenly spread over the set, to see whether images are twice as wide as high.
constexpr int64_t kWidthsLooked = 1000;
/// Label maps decoded, evenly spread over the set, to see whether they are such.
constexpr int64_t kMapsLooked = 100;

/// Items of equal names in both folders, in the order of B, and those that have no partner.
struct Matches {
  std::vector<int64_t> a, b, alone;
};

Matches match_sides(const Source& source, const SideFolders& folders) {
  const auto name_in = [&](const std::string& folder, int64_t item) {
    return name_without_extension(source.name(item).substr(folder.size() + 1));
  };
  ImageNames in_a, in_b;
  for (const int64_t item : folders.a) in_a.add(name_in(folders.name_a, item), item);
  for (const int64_t item : folders.b) in_b.add(name_in(folders.name_b, item), item);
  Matches matches;
  for (const int64_t item : folders.a) {
    if (!in_b.find(name_in(folders.name_a, item))) matches.alone.push_back(item);
  }
  for (const int64_t item : folders.b) {
    const auto partner = in_a.find(name_in(folders.name_b, item));
    if (!partner) {
      matches.alone.push_back(item);
      continue;
    }
    matches.a.push_back(*partner);
    matches.b.push_back(item);
  }
  return matches;
}

/// Pairs whose sides differ in size, as far as their headers can be read: what is wrong with the others is said when
/// they are.
std::vector<ImageFinding> unequal_pairs(const Source& a, const Source& b) {
  std::vector<ImageFinding> unequal;
  for (int64_t i = 0; i < b.size(); ++i) {
    ImageInfo one, other;
    try {
      one = a.info(i);
      other = b.info(i);
    } catch (const Error&) {
      continue;
    }
    if (one.height == other.height && one.width == other.width) continue;
    unequal.push_back({fmt::format("{} and {}", a.name(i), b.name(i)),
                       fmt::format("{}x{} and {}x{}", one.height, one.width, other.height, other.width)});
  }
  return unequal;
}

/// The first names, and how many more.
std::string first_names(const Source& source, const std::vector<int64_t>& items) {
  const size_t shown = std::min(items.size(), kNamesShown);
  std::vector<std::string> names;
  for (size_t i = 0; i < shown; ++i) names.push_back(source.name(items[i]));
  return join(names) + (items.size() > shown ? fmt::format(" and {} more", items.size() - shown) : "");
}

PairedSources from_folders(const std::shared_ptr<const Source>& source, const std::string& place) {
  const auto folders = side_folders(*source);
  if (!folders.any())
    fail("{}: holds no folders A and B, accepted: A and B, or trainA and trainB, of equal names", place);
  if (folders.a.empty() || folders.b.empty()) {
    fail("{}: holds images in {} and none in {}, accepted: one of the same name in each", place,
         folders.a.empty() ? folders.name_b : folders.name_a, folders.a.empty() ? folders.name_a : folders.name_b);
  }
  const auto matches = match_sides(*source, folders);
  if (!matches.alone.empty()) {
    fail("{}: {} of {} images in {} and {} have no partner of the same name: {}; accepted: one for each", place,
         matches.alone.size(), folders.a.size() + folders.b.size(), folders.name_a, folders.name_b,
         first_names(*source, matches.alone));
  }
  PairedSources pairs{std::make_shared<SideSource>(source, matches.b, SideSource::Part::whole),
                      std::make_shared<SideSource>(source, matches.a, SideSource::Part::whole),
                      fmt::format("pairs: {} images of {} with those of the same names in {}", matches.b.size(),
                                  folders.name_b, folders.name_a)};
  if (const auto unequal = unequal_pairs(*pairs.sources, *pairs.images); !unequal.empty()) {
    fail("{}: {} of {} pairs differ in size, the first {} ({}, height x width), accepted: equal sizes in each pair",
         place, unequal.size(), pairs.images->size(), unequal[0].name, unequal[0].detail);
  }
  return pairs;
}

PairedSources from_halves(const std::shared_ptr<const Source>& source) {
  std::vector<int64_t> all(static_cast<size_t>(source->size()));
  std::iota(all.begin(), all.end(), int64_t{0});
  return {std::make_shared<SideSource>(source, all, SideSource::Part::right),
          std::make_shared<SideSource>(source, all, SideSource::Part::left),
          "pairs: the halves of each image, A the left one and B the right one"};
}

bool are_twice_as_wide(const Source& source) {
  const int64_t looked = std::min(source.size(), kWidthsLooked);
  bool any = false;
  for (int64_t nth = 0; nth < looked; ++nth) {
    try {
      const auto info = source.info(nth * source.size() / looked);
      if (info.width != 2 * info.height) return false;
      any = true;
    } catch (const Error&) {  // the training and the doctor name it
    }
  }
  return any;
}

PairedSources from_what_is_there(const std::shared_ptr<const Source>& source, const std::string& place) {
  if (side_folders(*source).any()) return from_folders(source, place);
  if (are_twice_as_wide(*source)) return from_halves(source);
  fail(
      "pairs.source: {} holds neither folders A and B nor images twice as wide as high, accepted: side-by-side, or "
      "what "
      "is made of the images: edges, grey, blur, mask",
      place);
}

/// Whether it is a picture at all: the training and the doctor name it where it is not.
bool is_readable(const Source& source, int64_t item) {
  try {
    source.decode(item, {});
    return true;
  } catch (const Error&) {
    return false;
  }
}

PairedSources directed(PairedSources pairs, const PairsOptions& options) {
  if (options.direction == "b2a") std::swap(pairs.images, pairs.sources);
  return pairs;
}

/// Refuses at once, naming the first, what a training would pass over image by image.
PairedSources from_label_maps(const std::shared_ptr<const Source>& source, const std::string& place,
                              const PairsOptions& options) {
  if (options.source != "auto" && options.source != "folders") {
    fail("pairs.source: received \"{}\" with label maps, accepted: folders", options.source);
  }
  auto pairs = directed(from_folders(source, place), options);
  const Source& maps = *pairs.sources;
  const int64_t looked = std::min(maps.size(), kMapsLooked);
  for (int64_t nth = 0; nth < looked; ++nth) {
    const int64_t item = nth * maps.size() / looked;
    try {
      maps.decode(item, {.kinds = options.kinds});
    } catch (const Error&) {
      if (is_readable(maps, item)) throw;
    }
  }
  pairs.notice += fmt::format("; what images are made from are label maps of {} kinds", options.kinds);
  return pairs;
}

}  // namespace

PairedSources open_pairs(std::shared_ptr<const Source> source, const std::string& place, const PairsOptions& options) {
  if (source->has_points()) fail("{}: holds points, accepted: images", place);
  if (options.kinds > 0) return from_label_maps(source, place, options);
  if (is_derived(options)) {
    return {std::move(source), nullptr, fmt::format("pairs: A is made of the images ({})", options.source)};
  }
  auto pairs = options.source == "folders"        ? from_folders(source, place)
               : options.source == "side-by-side" ? from_halves(source)
                                                  : from_what_is_there(source, place);
  return directed(std::move(pairs), options);
}

bool holds_pairs(const std::string& place) {
  std::error_code unknown;
  const std::filesystem::path folder(place);
  for (const char* side : {"A", "B"}) {
    if (!std::filesystem::is_directory(folder / side, unknown)) return false;
  }
  try {
    const auto source = open_folder(folder);
    const auto folders = side_folders(*source);
    const auto matches = match_sides(*source, folders);
    const bool is_all = folders.a.size() + folders.b.size() == static_cast<size_t>(source->size());
    return is_all && folders.name_a == "A" && matches.alone.empty() && !matches.b.empty();
  } catch (const Error&) {
    return false;
  }
}

PairReport report_pairs(const std::shared_ptr<const Source>& source) {
  const auto folders = side_folders(*source);
  const auto matches = match_sides(*source, folders);
  if (matches.b.empty()) return {};
  const SideSource a(source, matches.a, SideSource::Part::whole), b(source, matches.b, SideSource::Part::whole);
  PairReport report{static_cast<int64_t>(matches.b.size()), {}, unequal_pairs(a, b)};
  for (const int64_t item : matches.alone) report.alone.push_back({source->name(item), ""});
  return report;
}

}  // namespace forger
