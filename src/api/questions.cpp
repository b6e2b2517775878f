#include <cmath>

#include "api/inspector.h"
#include "api/known_pairs.h"
#include "api/task_measures.h"
#include "core/fail.h"
#include "core/text.h"
#include "core/torch.h"
#include "data/pairs.h"
#include "metrics/normal.h"

namespace forger {

Questions::Questions(const std::string& data, bool detects, const TaskOptions& options, const ModelInfo& info)
    : root_(data), levels_(levels_of(info)) {
  DataOptions source;
  mvtec_ = is_mvtec(data);
  source.source = mvtec_ ? (root_ / "test").string() : data;
  source_ = open_source(source);
  if (source_->has_points()) fail("{}: holds points, accepted: images", data);
  if (info.has_translator) open_pairs_for(options, info);
  if (!detects) return;
  names_ = source_->class_names();
  if (names_.empty()) fail("{}: has no classes, accepted: data of two or more classes, of which some are normal", data);
  normal_ = normal_classes(options, info);
  std::vector<std::string> images;
  for (int64_t item = 0; item < source_->size(); ++item) images.push_back(source_->name(item));
  masks_.emplace(mvtec_ ? root_ : std::filesystem::path(), images);
}

void Questions::open_pairs_for(const TaskOptions& options, const ModelInfo& info) {
  const auto known = known_pairs(info).options;
  // Other data may hold their pairs in another way, but what was made of images is made of any.
  if (is_derived(known)) pairs_ = known;
  pairs_.direction = options.direction.empty() ? known.direction : options.direction;
  const auto& directions = info.directions;
  const bool goes_there = std::ranges::find(directions, pairs_.direction) != directions.end();
  if (info.provenance.contains("pairs") && !goes_there) {
    fail("option direction: received {}, accepted: {}, which the model was trained for", pairs_.direction,
         join(directions));
  }
  if (!options.pairs.empty()) pairs_.source = options.pairs;
  pairs_.kinds = info.source_kinds;
  auto opened = open_pairs(source_, place(), pairs_);
  source_ = std::move(opened.images);
  pair_sources_ = std::move(opened.sources);
  pairs_notice_ = std::move(opened.notice);
}

Pixels Questions::decode_from(const Source& source, int64_t item, int64_t kinds, int64_t& clipped) const {
  DeepCount count;
  auto image = source.decode(item, {.levels = levels_, .kinds = kinds, .count = &count});
  clipped += count.beyond > 0;
  return image;
}

Pixels Questions::mask(int64_t item, const Pixels& image) const {
  if (is_normal(item)) return Pixels(image.height, image.width, 1);
  const auto name = source_->name(item);
  auto mask = masks_->read(name);
  if (!mask) fail("{}: there is no mask of it in {}", name, (root_ / "ground_truth").string());
  if (mask->height != image.height || mask->width != image.width) {
    fail("{}: its mask is {}x{} (height x width), the image is {}x{}", name, mask->height, mask->width, image.height,
         image.width);
  }
  if (std::ranges::none_of(mask->values, [](uint8_t level) { return level > 0; }))
    fail("{}: its mask marks nothing, but the image is of the class {}", name, class_name(item));
  return *std::move(mask);
}

std::set<int64_t> Questions::normal_classes(const TaskOptions& options, const ModelInfo& info) const {
  std::set<int64_t> found;
  for (const auto& wanted : options.normal) found.insert(number_of(wanted));
  if (!found.empty()) return found;
  for (size_t i = 0; i < names_.size(); ++i) {
    if (names_[i] == "good" || names_[i] == "normal") found.insert(static_cast<int64_t>(i));
  }
  const auto trained = info.provenance.find("classes");
  if (found.empty() && trained != info.provenance.end()) {
    for (const auto& number : split(trained->second, ',')) found.insert(number_of(number));
  }
  if (found.empty()) fail("normal: received nothing, accepted: some of the classes {}", join(names_));
  return found;
}

int64_t Questions::number_of(const std::string& wanted) const {
  const auto place = std::find(names_.begin(), names_.end(), wanted);
  if (place != names_.end()) return place - names_.begin();
  if (!wanted.empty() && wanted.size() < 7 && wanted.find_first_not_of("0123456789") == std::string::npos) {
    const int64_t number = std::stoll(wanted);
    if (number < static_cast<int64_t>(names_.size())) return number;
  }
  fail("normal: received \"{}\", accepted: {}, or their numbers 0 to {}{}", wanted, join(names_), names_.size() - 1,
       did_you_mean(wanted, names_));
}

bool hear_all(ItemLists& lists, TaskEvaluation& result) {
  const bool leads = lists.hear_all();
  result.clipped = lists.sum(result.clipped);
  if (!leads) return false;
  const auto& skipped = lists.texts(kSkippedList);
  result.images = static_cast<int64_t>(lists.numbers(kUsedList).size());
  result.skipped.insert(result.skipped.end(), skipped.begin(), skipped.end());
  if (result.images == 0) fail("none of {} images can be used; the first: {}", skipped.size(), skipped.at(0));
  return true;
}

bool wants(const TaskOptions& options, const std::string& metric) {
  return std::find(options.metrics.begin(), options.metrics.end(), metric) != options.metrics.end();
}

TaskMeasure mean_of(const std::string& name, const std::vector<double>& values, double least, double most) {
  const auto all = at::tensor(values, at::kDouble);
  const double mean = all.mean().item<double>();
  if (values.size() < 2) return {name, mean, kNoMeasure, kNoMeasure, ""};
  const double error = kNormal95 * all.std().item<double>() / std::sqrt(static_cast<double>(values.size()));
  return {name, mean, std::max(mean - error, least), std::min(mean + error, most), ""};
}

TaskMeasure without_value(const std::string& name, const std::string& reason) {
  return {name, kNoMeasure, kNoMeasure, kNoMeasure, reason};
}

}  // namespace forger
