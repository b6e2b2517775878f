#include "data/conversion.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "core/fail.h"
#include "data/parallel.h"

namespace forger {
namespace {

/// The share of all values that "clip" leaves out at either end.
constexpr double kClippedShare = 0.001;
/// 8-bit images that use no more levels are called dark, pale or flat.
constexpr int64_t kFewLevels = 64;
/// Colours whose parts differ by no more are grey, as JPEG rounds it.
constexpr int kGreyTolerance = 8;
/// What is worth saying: fewer pixels a side by this factor, more by that one, and the share of an image that is cut
/// away.
constexpr double kMuchSmaller = 4, kMuchLarger = 2, kMuchCut = 0.2;
/// Images looked at for a training's first lines: that many, and about as many pixels, but not fewer than those.
constexpr int64_t kMostLooked = 256, kMostPixelsLooked = 64'000'000, kLeastLooked = 16;

bool is_coloured(const Pixels& image) {
  const auto channels = static_cast<size_t>(image.channels);
  for (size_t i = 0; channels >= 3 && i < image.values.size(); i += channels) {
    const auto [low, high] = std::minmax({image.values[i], image.values[i + 1], image.values[i + 2]});
    if (high - low > kGreyTolerance) return true;
  }
  return false;
}

bool is_transparent(const Pixels& image) {
  for (size_t i = 3; image.channels == 4 && i < image.values.size(); i += 4) {
    if (image.values[i] < 255) return true;
  }
  return false;
}

/// How often each value stands in the colours of what is to be seen.
std::array<int64_t, 256> count_colors(const Pixels& image) {
  std::array<int64_t, 256> counts{};
  const auto channels = static_cast<size_t>(image.channels), colors = std::min<size_t>(channels, 3);
  for (size_t i = 0; i < image.values.size(); i += channels) {
    if (channels == 4 && image.values[i + 3] == 0) continue;
    for (size_t c = 0; c < colors; ++c) ++counts[image.values[i + c]];
  }
  return counts;
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// Pixels after conversion for a pixel before, along a side.
double scale_of(double height, double width, const Conversion& conversion) {
  const double y = static_cast<double>(conversion.shape.height) / height,
               x = static_cast<double>(conversion.shape.width) / width;
  switch (conversion.fit) {
    case Fit::crop: return std::max(y, x);
    case Fit::pad: return std::min(y, x);
    case Fit::stretch: return std::sqrt(y * x);
    case Fit::tiles: break;
  }
  return 1;
}

/// The part of an image that is cut away so that the rest has the shape's proportions.
double cut_share(double height, double width, const Conversion& conversion) {
  if (conversion.fit != Fit::crop) return 0;
  const double wanted = static_cast<double>(conversion.shape.width) / static_cast<double>(conversion.shape.height);
  const double ratio = width / height / wanted;
  return 1 - std::min(ratio, 1 / ratio);
}

/// How many images a training's first lines look at.
int64_t count_looked(const Source& source, const std::vector<int64_t>& items) {
  const auto size = static_cast<int64_t>(items.size()), probes = std::min(size, kLeastLooked);
  int64_t pixels = 0, readable = 0;
  for (int64_t probe = 0; probe < probes; ++probe) {
    try {
      const auto info = source.info(items[static_cast<size_t>(probe * size / probes)]);
      pixels += info.height * info.width;
      ++readable;
    } catch (const Error&) {  // the training and the doctor name it
    }
  }
  const int64_t fitting = readable == 0 ? 0 : kMostPixelsLooked / std::max<int64_t>(pixels / readable, 1);
  return std::min(size, std::clamp(fitting, kLeastLooked, kMostLooked));
}

}  // namespace

std::vector<uint16_t> deep_colors_of(const Source& source, int64_t index) {
  const auto bytes = source.file_bytes(index);
  return bytes.empty() ? std::vector<uint16_t>{} : deep_colors(bytes, source.name(index));
}

Levels choose_levels(const Source& source, const std::vector<int64_t>& items, const DataOptions& options) {
  if (const auto numbers = levels_in(options.levels)) return *numbers;
  if (options.levels == "keep" || source.has_points()) return {};
  if (options.levels != "stretch" && options.levels != "clip") {
    fail("data.levels: received \"{}\", accepted: keep, stretch, clip, or [low, high] within 0 to {}", options.levels,
         Levels::kMost);
  }
  LevelCounts counts;
  std::mutex mutex;
  parallel_items(static_cast<int64_t>(items.size()), worker_count(options.workers), [&](int64_t i) {
    std::vector<uint16_t> values;
    try {
      values = deep_colors_of(source, items[static_cast<size_t>(i)]);
    } catch (const Error&) {  // the training and the doctor name it
    }
    const std::lock_guard lock(mutex);
    if (!values.empty()) counts.add(values);
  });
  if (counts.images() == 0) return {};
  const Levels clipped = counts.used_without(options.levels == "clip" ? kClippedShare : 0), used = counts.used();
  // All values, or nearly all, may be one and the same.
  return clipped.is_valid() ? clipped : used.is_valid() ? used : Levels{};
}

void SetContents::add(const ImageInfo& info, const Pixels& image, const std::vector<uint16_t>& deep) {
  const bool transparent = is_transparent(image), coloured = is_coloured(image);
  const auto counts = info.bit_depth == 16 ? std::array<int64_t, 256>{} : count_colors(image);
  const std::lock_guard lock(mutex_);
  for (size_t value = 0; value < counts.size(); ++value) shallow_[value] += counts[value];
  if (!deep.empty()) deep_.add(deep);
  sizes_.emplace_back(info.height, info.width);
  deep_images_ += info.bit_depth == 16;
  transparent_ += transparent;
  coloured_ += coloured;
  inks_ += info.mode == "CMYK";
  profiles_ += info.other_profile;
  animated_ += info.animated;
}

nlohmann::json SetContents::state() const {
  return {{"deep", deep_.state()},
          {"shallow", shallow_},
          {"sizes", sizes_},
          {"counts", {deep_images_, transparent_, coloured_, inks_, profiles_, animated_}}};
}

void SetContents::add_state(const nlohmann::json& state) {
  deep_.add_state(state["deep"]);
  const auto shallow = state["shallow"].get<decltype(shallow_)>();
  for (size_t value = 0; value < shallow.size(); ++value) shallow_[value] += shallow[value];
  const auto sizes = state["sizes"].get<decltype(sizes_)>();
  sizes_.insert(sizes_.end(), sizes.begin(), sizes.end());
  auto count = state["counts"].begin();
  for (auto* total : {&deep_images_, &transparent_, &coloured_, &inks_, &profiles_, &animated_}) {
    *total += (count++)->get<int64_t>();
  }
}

std::string SetContents::count_of(int64_t images, bool all) const {
  return fmt::format("{} of {} images{}", images, sizes_.size(), all ? "" : " looked at");
}

std::string SetContents::levels_text(const Conversion& conversion, bool all) const {
  const auto& [asked, levels] = std::pair(conversion.levels_asked, conversion.levels);
  if (deep_.images() == 0) {
    if (asked == "keep") return "";
    return fmt::format("data.levels={}: {} have 16 bits; those of 8 bits stay as they are", asked, count_of(0, all));
  }
  const Levels used = deep_.used(), most = deep_.used_without(kClippedShare);
  const bool is_word = !levels_in(asked);
  std::string text = fmt::format("16-bit images use {} to {} of {}; ", used.low, used.high, Levels::kMost);
  if (asked != "keep") {
    text += fmt::format("with data.levels={}{} ", asked, is_word ? ", " + forger::levels_text(levels) + " here," : "");
  }
  const int64_t kept = deep_.kept(levels), stretched = used.is_valid() ? deep_.kept(used) : kept;
  text += fmt::format("8 bits keep {} of their {} levels", kept, deep_.different());
  if (stretched > kept && (asked == "keep" || !is_word))
    text += fmt::format(": data.levels=stretch keeps {}", stretched);
  if (asked != "clip" && is_word && 2 * (most.high - most.low) <= used.high - used.low && most.is_valid()) {
    text += fmt::format("; all but {:g} % of their values are in {} to {} (data.levels=clip)", 200 * kClippedShare,
                        most.low, most.high);
  }
  if (const int64_t beyond = deep_.values_beyond(levels); beyond > 0) {
    text += fmt::format("; {:.2g} % of their values, in {}, are beyond and clipped",
                        100 * static_cast<double>(beyond) / static_cast<double>(deep_.values()),
                        count_of(deep_.images_beyond(levels), all));
  }
  return text;
}

void SetContents::add_scale_notes(const Conversion& conversion, std::vector<ConversionNote>& notes) const {
  std::vector<double> scales, cuts;
  for (const auto& [height, width] : sizes_) {
    const auto h = static_cast<double>(height), w = static_cast<double>(width);
    scales.push_back(scale_of(h, w, conversion));
    cuts.push_back(cut_share(h, w, conversion));
  }
  const double scale = median(scales), cut = median(cuts);
  const auto& [channels, height, width] = conversion.shape;
  const auto& [first_height, first_width] = sizes_[0];
  const bool same = std::all_of(sizes_.begin(), sizes_.end(), [&](const auto& size) { return size == sizes_[0]; });
  const auto images = same ? fmt::format("images of {}x{} (height x width)", first_height, first_width) : "most images";
  if (scale <= 1 / kMuchSmaller) {
    notes.push_back(
        {"scale", fmt::format("{} come down to {}x{}, by {:.1f} a side: what is finer is lost (data.size asks for "
                              "more, data.fit=tiles keeps the scale)",
                              images, height, width, 1 / scale)});
  }
  if (scale >= kMuchLarger) {
    notes.push_back({"scale", fmt::format("{} are enlarged to {}x{}, by {:.1f} a side, which adds cost and no detail "
                                          "(data.size asks for less)",
                                          images, height, width, scale)});
  }
  if (cut >= kMuchCut) {
    notes.push_back(
        {"edges", fmt::format("{:.0f} % of {} are cut away at the edges (data.fit=pad keeps all)", 100 * cut, images)});
  }
}

std::vector<ConversionNote> SetContents::notes(const Conversion& conversion, bool all) const {
  std::vector<ConversionNote> notes;
  const auto images = static_cast<int64_t>(sizes_.size());
  if (images == 0 || conversion.shape.is_point()) return notes;
  const auto note = [&](bool is_so, const char* subject, std::string text) {
    if (is_so) notes.push_back({subject, std::move(text)});
  };
  const auto levels = levels_text(conversion, all);
  note(!levels.empty(), "levels", levels);
  note(deep_images_ > 0 && deep_images_ < images, "depths",
       fmt::format("{} have 16 bits, the others 8: data.levels changes those of 16 only", count_of(deep_images_, all)));

  int64_t values = 0, passed = 0;
  for (const int64_t count : shallow_) values += count;
  std::optional<int64_t> low, high;
  for (int64_t value = 0; value < 256; ++value) {
    passed += shallow_[static_cast<size_t>(value)];
    const double share = static_cast<double>(passed) / static_cast<double>(std::max<int64_t>(values, 1));
    if (!low && share > kClippedShare) low = value;
    if (!high && share >= 1 - kClippedShare) high = value;
  }
  if (values > 0 && *high - *low < kFewLevels) {
    note(true, "contrast",
         fmt::format(
             "8-bit images use {} to {} of 255 only, a contrast of {:.0f} %, which networks hardly see; stretch them "
             "in the files",
             *low, *high, static_cast<double>(*high - *low) / 2.55));
  }

  const int64_t channels = conversion.shape.channels;
  note(channels < 4 && transparent_ > 0, "alpha",
       fmt::format("{} have see-through parts, which are laid over white (data.channels=4 keeps alpha)",
                   count_of(transparent_, all)));
  note(channels == 1 && coloured_ > 0, "colours",
       fmt::format("{} are coloured and become grey (data.channels=3 keeps colours)", count_of(coloured_, all)));
  note(inks_ > 0, "inks",
       fmt::format("{} are CMYK and become RGB by a plain formula: printed colours shift", count_of(inks_, all)));
  note(profiles_ > 0, "profiles",
       fmt::format("{} have a colour profile other than sRGB, which is not applied: colours shift",
                   count_of(profiles_, all)));
  note(animated_ > 0, "frames",
       fmt::format("{} are animated: their first frames are used, the others lost", count_of(animated_, all)));
  add_scale_notes(conversion, notes);
  return notes;
}

std::vector<ConversionNote> conversion_notes(const OpenedData& data, const DataOptions& options) {
  if (data.shape.is_point()) return {};
  const auto size = static_cast<int64_t>(data.items.size()), looked = count_looked(*data.source, data.items);
  const Conversion conversion{data.shape, data.fit, data.levels, options.levels};
  const bool whole = conversion.fit == Fit::tiles;
  const DecodeGoal goal{whole ? 0 : data.shape.height, whole ? 0 : data.shape.width, conversion.fit != Fit::pad,
                        data.levels};
  SetContents contents;
  parallel_items(looked, worker_count(options.workers), [&](int64_t nth) {
    const int64_t item = data.items[static_cast<size_t>(nth * size / looked)];
    try {
      const auto info = data.source->info(item);
      const auto deep = info.bit_depth == 16 ? deep_colors_of(*data.source, item) : std::vector<uint16_t>{};
      contents.add(info, data.source->decode(item, goal), deep);
    } catch (const Error&) {  // the training and the doctor name it
    }
  });
  return contents.notes(conversion, looked == size);
}

}  // namespace forger
