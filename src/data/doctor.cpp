#include "data/doctor.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <bitset>
#include <cmath>
#include <cstring>
#include <memory>
#include <mutex>
#include <numeric>
#include <optional>
#include <tuple>

#include "core/crc32c.h"
#include "core/fail.h"
#include "core/plural.h"
#include "core/shared_items.h"
#include "data/open.h"
#include "data/parallel.h"
#include "data/source.h"

namespace forger {
namespace {

constexpr int kNearConstantLevels = 8;
constexpr int64_t kTinySidePx = 16, kLongAspect = 4;
/// The share of images that a size must have before all others are called odd.
constexpr double kCommonShare = 0.9;

/// What is kept of one image.
struct Examined {
  std::string error;
  ImageInfo info;
  bool transparent = false;
  bool near_constant = false;
  uint64_t hash = 0;
  /// The numbers that it stores, where it may be a label map.
  std::bitset<256> numbers;
};

uint64_t hash_of(const std::vector<uint8_t>& values) {
  uint64_t hash = values.size();
  for (size_t i = 0; i < values.size(); i += 8) {
    uint64_t word = 0;
    std::memcpy(&word, values.data() + i, std::min<size_t>(8, values.size() - i));
    hash = std::rotl((hash ^ word) * 0x9E3779B97F4A7C15ULL, 29);
    hash ^= hash >> 32;
  }
  return hash;
}

bool is_near_constant(const Pixels& image) {
  for (int64_t c = 0; c < image.channels; ++c) {
    uint8_t low = 255, high = 0;
    for (auto i = static_cast<size_t>(c); i < image.values.size(); i += static_cast<size_t>(image.channels)) {
      low = std::min(low, image.values[i]);
      high = std::max(high, image.values[i]);
    }
    if (high - low > kNearConstantLevels) return false;
  }
  return true;
}

/// None where some are beyond 255.
std::bitset<256> numbers_in(const Source& source, int64_t index) {
  std::bitset<256> numbers;
  try {
    for (const uint8_t number : source.decode(index, {.kinds = 256}).values) numbers.set(number);
  } catch (const Error&) {
    return {};
  }
  return numbers;
}

Examined examine(const Source& source, int64_t index, const Levels& levels, bool reads_numbers, SetContents& contents) {
  Examined result;
  try {
    if (source.has_points()) {
      source.point(index);
      return result;
    }
    result.info = source.info(index);
    const Pixels image = source.decode(index, {.levels = levels});
    for (size_t i = 3; image.channels == 4 && i < image.values.size(); i += 4)
      result.transparent |= image.values[i] < 255;
    result.near_constant = is_near_constant(image);
    result.hash = hash_of(image.values);
    contents.add(result.info, image, deep_colors_of(source, index));
    if (reads_numbers && may_be_label_map(result.info)) result.numbers = numbers_in(source, index);
  } catch (const Error& error) {
    const std::string prefix = source.name(index) + ": ";
    const std::string reason = error.what();
    result.error = reason.starts_with(prefix) ? reason.substr(prefix.size()) : reason;
  }
  return result;
}

/// What was examined, for the process that makes the report.
nlohmann::json report_of(const Examined& item) {
  const auto& info = item.info;
  return {{"error", item.error},
          {"image", {info.height, info.width, info.channels, info.bit_depth, info.orientation, info.format}},
          {"mode", info.mode},
          {"is", {info.alpha, info.lossy, info.animated, info.other_profile, item.transparent, item.near_constant}},
          {"hash", item.hash},
          {"numbers", item.numbers.to_string()}};
}

Examined examined_in(const nlohmann::json& report) {
  const auto &image = report["image"], &is = report["is"];
  Examined item;
  item.error = report["error"];
  item.info = {.format = image[5].get<ImageFormat>(),
               .height = image[0],
               .width = image[1],
               .channels = image[2],
               .mode = report["mode"],
               .alpha = is[0],
               .lossy = is[1],
               .bit_depth = image[3],
               .orientation = image[4],
               .animated = is[2],
               .other_profile = is[3]};
  item.transparent = is[4];
  item.near_constant = is[5];
  item.hash = report["hash"];
  item.numbers = std::bitset<256>(report["numbers"].get<std::string>());
  return item;
}

/// What a set holds, for processes that share it: they have to see the same.
std::string images_of(const Source& source) {
  std::string names;
  for (int64_t i = 0; i < source.size(); ++i) names += source.name(i) + '\0';
  return fmt::format("{}: {} (hash of their names {:08x})", source.kind(), counted(source.size(), "image"),
                     crc32c(names));
}

std::string size_text(const ImageInfo& info) { return fmt::format("{} x {}", info.width, info.height); }

/// The key of the largest count; empty for an empty map.
std::string commonest(const std::map<std::string, int64_t>& counts) {
  const auto largest =
      std::max_element(counts.begin(), counts.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  return largest == counts.end() ? "" : largest->first;
}

/// Why a size is odd; empty when it is not.
std::string odd_reason(const ImageInfo& info, const std::string& common) {
  const int64_t shorter = std::min(info.height, info.width), longer = std::max(info.height, info.width);
  if (shorter < kTinySidePx) return "tiny: " + size_text(info);
  if (longer > kLongAspect * shorter) return "long: " + size_text(info);
  return common.empty() || size_text(info) == common ? "" : size_text(info);
}

void find_duplicates(const Source& source, const std::vector<Examined>& examined, DoctorReport& report) {
  std::vector<int64_t> order;
  for (size_t i = 0; i < examined.size(); ++i) {
    if (examined[i].error.empty()) order.push_back(static_cast<int64_t>(i));
  }
  const auto key = [&](int64_t i) {
    const Examined& item = examined[static_cast<size_t>(i)];
    return std::tuple(item.hash, item.info.height, item.info.width, item.info.channels);
  };
  std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) { return key(a) < key(b); });
  std::vector<std::vector<int64_t>> groups;
  for (size_t begin = 0; begin < order.size();) {
    size_t end = begin + 1;
    while (end < order.size() && key(order[end]) == key(order[begin])) ++end;
    if (end - begin > 1)
      groups.emplace_back(order.begin() + static_cast<int64_t>(begin), order.begin() + static_cast<int64_t>(end));
    begin = end;
  }
  std::sort(groups.begin(), groups.end());
  for (const auto& group : groups) {
    auto& names = report.duplicates.emplace_back();
    for (const int64_t i : group) names.push_back(source.name(i));
  }
}

/// Adds them unless an image stores none.
void report_numbers(const std::string& folder, const std::vector<int64_t>& items, const std::vector<Examined>& examined,
                    DoctorReport& report) {
  std::bitset<256> all;
  for (const int64_t i : items) {
    const auto& item = examined[static_cast<size_t>(i)];
    if (item.error.empty() && item.numbers.none()) return;
    all |= item.numbers;
  }
  for (size_t number = 0; number < all.size(); ++number) {
    if (all[number]) report.numbers[folder].push_back(static_cast<int64_t>(number));
  }
}

void report_image(const std::string& name, const Examined& item, bool is_file, const std::string& common_size,
                  const std::string& common_mode, DoctorReport& report) {
  const ImageInfo& info = item.info;
  const auto promised = is_file ? format_of_extension(name) : std::nullopt;
  if (promised && *promised != info.format) report.wrong_extension.push_back({name, "is " + format_name(info.format)});
  if (const auto reason = odd_reason(info, common_size); !reason.empty()) report.odd_sizes.push_back({name, reason});
  if (info.mode != common_mode) report.other_modes.push_back({name, info.mode});
  if (info.alpha) report.alpha.push_back({name, item.transparent ? "with transparent pixels" : "opaque throughout"});
  if (info.bit_depth == 16) report.sixteen_bit.push_back({name, info.mode});
  if (info.orientation > 1) report.rotated.push_back({name, fmt::format("EXIF orientation {}", info.orientation)});
  if (info.animated) report.animated.push_back({name, "first frame is used"});
  if (item.near_constant) report.near_constant.push_back({name, ""});
}

}  // namespace

DoctorReport check_data(const DataOptions& options, const std::function<void(int64_t, int64_t)>& progress,
                        const std::shared_ptr<Team>& team) {
  std::shared_ptr<const Source> source;
  try {
    source = open_source(options);
  } catch (const DamagedData& error) {
    DoctorReport report;
    report.damaged.emplace_back(error.what());
    return report;
  }
  const int64_t count = source->size();
  const auto folders = side_folders(*source);
  std::vector<Examined> examined(static_cast<size_t>(count));
  SetContents contents;
  std::vector<int64_t> items(static_cast<size_t>(count));
  std::iota(items.begin(), items.end(), int64_t{0});
  const Levels levels = choose_levels(*source, items, options);
  SharedItems shared(team, [&](int64_t i, const nlohmann::json& report) {
    if (i < count) {
      examined[static_cast<size_t>(i)] = examined_in(report);
    } else {
      contents.add_state(report);
    }
  });
  if (team) shared.expect_same(images_of(*source));
  std::erase_if(items, [&](int64_t i) { return !shared.is_mine(i); });
  std::atomic<int64_t> done{0};
  std::mutex mutex;
  SetContents own;
  parallel_items(static_cast<int64_t>(items.size()), worker_count(options.workers), [&](int64_t nth) {
    const int64_t i = items[static_cast<size_t>(nth)];
    examined[static_cast<size_t>(i)] = examine(*source, i, levels, folders.any(), team ? own : contents);
    constexpr int64_t kProgressEvery = 200;
    if (++done % kProgressEvery != 0) return;
    const std::lock_guard lock(mutex);
    if (team) team->look();
    if (progress) progress(done * count / static_cast<int64_t>(items.size()), count);
  });
  if (team) {
    for (const int64_t i : items) shared.report(i, report_of(examined[static_cast<size_t>(i)]));
    shared.report(count + team->rank(), own.state());
    shared.finish();
    if (!shared.leads()) return {};
  }

  DoctorReport report;
  report.kind = source->kind();
  report.images = count;
  report.ignored = source->ignored();
  report.damaged = source->incomplete();
  for (const auto& name : source->class_names()) report.classes.emplace_back(name, 0);
  for (int64_t i = 0; !report.classes.empty() && i < count; ++i) {
    ++report.classes[static_cast<size_t>(source->label(i))].second;
  }
  if (source->has_points()) return report;

  for (const auto& item : examined) {
    if (!item.error.empty()) continue;
    ++report.sizes[size_text(item.info)];
    ++report.modes[item.info.mode];
  }
  const std::string size = commonest(report.sizes), mode = commonest(report.modes);
  const bool is_common =
      !size.empty() && static_cast<double>(report.sizes[size]) >= kCommonShare * static_cast<double>(count);
  const bool is_file = source->has_files();
  for (int64_t i = 0; i < count; ++i) {
    const Examined& item = examined[static_cast<size_t>(i)];
    if (item.error.empty()) {
      report_image(source->name(i), item, is_file, is_common ? size : "", mode, report);
    } else {
      report.unreadable.push_back({source->name(i), item.error});
    }
  }
  find_duplicates(*source, examined, report);
  report.pairs = report_pairs(source);
  report.sides = report_sides(*source);
  report_numbers(folders.name_a, folders.a, examined, report);
  report_numbers(folders.name_b, folders.b, examined, report);
  if (static_cast<int64_t>(report.unreadable.size()) == count) return report;
  report.size_notice = size_notice(*source, options);
  const OpenedData data = open_data(options, source);
  report.conversion = contents.notes({data.shape, parse_fit(options.fit), data.levels, options.levels}, true);
  return report;
}

}  // namespace forger
