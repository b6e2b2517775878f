#include "data/sides.h"

#include <algorithm>
#include <filesystem>
#include <numeric>
#include <utility>

#include "core/fail.h"
#include "core/random.h"
#include "core/text.h"
#include "data/derivation.h"
#include "data/side_source.h"

namespace forger {
namespace {

Sides from_side_folders(const std::shared_ptr<const Source>& source, const std::string& place) {
  const auto folders = side_folders(*source);
  if (!folders.any()) {
    fail(
        "pairs.source: {} holds no folders trainA and trainB, or A and B, accepted: these, or classes, side-by-side, "
        "edges, grey, blur, mask, tone",
        place);
  }
  if (folders.a.empty() || folders.b.empty()) {
    fail("{}: holds images in {} and none in {}, accepted: one or more in each", place,
         folders.a.empty() ? folders.name_b : folders.name_a, folders.a.empty() ? folders.name_a : folders.name_b);
  }
  return {source,
          source,
          folders.a,
          folders.b,
          false,
          fmt::format("sides: {} images of {} and {} of {}", folders.a.size(), folders.name_a, folders.b.size(),
                      folders.name_b)};
}

/// The items of some classes.
std::vector<int64_t> items_of(const Source& source, const std::string& key, const std::vector<int64_t>& classes) {
  const auto count = static_cast<int64_t>(source.class_names().size());
  if (classes.empty()) fail("{}: received no class with pairs.source = \"classes\", accepted: one or more", key);
  for (const int64_t number : classes) {
    if (number < 0 || number >= count) fail("{}: received {}, accepted: 0 to {}", key, number, count - 1);
  }
  std::vector<int64_t> items;
  for (int64_t i = 0; i < source.size(); ++i) {
    if (std::ranges::find(classes, source.label(i)) != classes.end()) items.push_back(i);
  }
  if (items.empty()) fail("{}: no image is of these classes, accepted: classes with images", key);
  return items;
}

std::string class_text(const Source& source, const std::vector<int64_t>& classes) {
  const auto all = source.class_names();
  std::vector<std::string> names;
  for (const int64_t number : classes) names.push_back(all[static_cast<size_t>(number)]);
  return join(names);
}

Sides from_classes(const std::shared_ptr<const Source>& source, const std::string& place, const PairsOptions& options) {
  if (source->class_names().empty()) {
    fail("pairs.source: received \"classes\", but {} has no classes, accepted: data of two or more classes", place);
  }
  const auto &a = options.classes_a, &b = options.classes_b;
  for (const int64_t number : a) {
    if (std::ranges::find(b, number) == b.end()) continue;
    fail("pairs.classes_b: received {}, which is in pairs.classes_a, too; accepted: each class on one side", number);
  }
  Sides sides{source, source, items_of(*source, "pairs.classes_a", a), items_of(*source, "pairs.classes_b", b),
              false,  ""};
  sides.notice = fmt::format("sides: {} images of class {} and {} of class {}", sides.of_a.size(),
                             class_text(*source, a), sides.of_b.size(), class_text(*source, b));
  return sides;
}

/// Each item on one side, about as many on each.
void share_out(Sides& sides, const std::string& place) {
  for (int64_t i = 0; i < sides.a->size(); ++i) {
    const bool is_a = (derive_seed(0, Stream::sides, sides.a->mark(i)) & 1) != 0;
    (is_a ? sides.of_a : sides.of_b).push_back(i);
  }
  if (sides.a->size() < 2) fail("{}: holds one image, accepted: two or more, as each is of one side", place);
  // Of a handful of images chance may leave one side nothing.
  for (auto [few, many] : {std::pair(&sides.of_a, &sides.of_b), std::pair(&sides.of_b, &sides.of_a)}) {
    if (!few->empty()) continue;
    few->push_back(many->back());
    many->pop_back();
  }
  sides.notice += fmt::format("; {} images are of A and {} others of B", sides.of_a.size(), sides.of_b.size());
}

Sides from_halves_apart(const std::shared_ptr<const Source>& source, const std::string& place) {
  std::vector<int64_t> all(static_cast<size_t>(source->size()));
  std::iota(all.begin(), all.end(), int64_t{0});
  Sides sides{std::make_shared<SideSource>(source, all, SideSource::Part::left),
              std::make_shared<SideSource>(source, all, SideSource::Part::right),
              {},
              {},
              false,
              "sides: the halves of images, A the left one and B the right one"};
  share_out(sides, place);
  return sides;
}

}  // namespace

SideFolders side_folders(const Source& source) {
  for (const auto& [name_a, name_b] : {std::pair("trainA", "trainB"), std::pair("A", "B")}) {
    SideFolders folders{name_a, name_b, {}, {}};
    for (int64_t i = 0; i < source.size(); ++i) {
      const auto name = source.name(i);
      if (name.starts_with(folders.name_a + "/")) folders.a.push_back(i);
      if (name.starts_with(folders.name_b + "/")) folders.b.push_back(i);
    }
    if (folders.any()) return folders;
  }
  return {};
}

Sides open_sides(const std::shared_ptr<const Source>& source, const std::string& place, const PairsOptions& options) {
  if (source->has_points()) fail("{}: holds points, accepted: images", place);
  if (options.source == "side-by-side") return from_halves_apart(source, place);
  const bool names_classes = !options.classes_a.empty() || !options.classes_b.empty();
  if (options.source == "classes" || (options.source == "auto" && names_classes))
    return from_classes(source, place, options);
  if (!is_derived(options)) return from_side_folders(source, place);
  Sides sides{source, source, {}, {}, true, fmt::format("sides: A is made of images ({})", options.source)};
  share_out(sides, place);
  return sides;
}

SideReport report_sides(const Source& source) {
  const auto folders = side_folders(source);
  return {folders.name_a, folders.name_b, std::ssize(folders.a), std::ssize(folders.b)};
}

bool holds_sides(const std::string& place) {
  std::error_code unknown;
  const std::filesystem::path folder(place);
  const auto is_there = [&](const char* side) { return std::filesystem::is_directory(folder / side, unknown); };
  return is_there("trainA") && is_there("trainB");
}

}  // namespace forger
