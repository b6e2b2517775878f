#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <type_traits>
#include <utility>

#include "api/images_at_once.h"
#include "api/inspector.h"
#include "api/known_data.h"
#include "core/fail.h"
#include "core/files.h"
#include "core/text.h"
#include "core/torch.h"
#include "data/inputs.h"
#include "data/mvtec.h"
#include "data/source.h"
#include "forger/evaluation.h"
#include "image/grid.h"
#include "image/resize.h"
#include "image/tiles.h"
#include "metrics/likeness.h"
#include "metrics/normal.h"
#include "metrics/ranking.h"

namespace forger {
namespace {

namespace fs = std::filesystem;

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
/// Reconstructions that are searched for, unless more are asked for: each takes seconds.
constexpr int64_t kSearched = 100;

bool contains(const std::vector<std::string>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// Mean with the interval of the mean, which ends where the values do.
TaskMeasure mean_of(const std::string& name, const std::vector<double>& values, double least, double most) {
  const auto all = at::tensor(values, at::kDouble);
  const double mean = all.mean().item<double>();
  if (values.size() < 2) return {name, mean, kUnknown, kUnknown, ""};
  const double error = kNormal95 * all.std().item<double>() / std::sqrt(static_cast<double>(values.size()));
  return {name, mean, std::max(mean - error, least), std::min(mean + error, most), ""};
}

TaskMeasure without_value(const std::string& name, const std::string& reason) {
  return {name, kUnknown, kUnknown, kUnknown, reason};
}

bool marks(const Pixels& mask) {
  return std::any_of(mask.values.begin(), mask.values.end(), [](uint8_t level) { return level > 0; });
}

/// The data's items, which of them are normal, and where they are defective.
class Questions {
 public:
  Questions(const std::string& data, bool detects, const TaskOptions& options, const ModelInfo& info)
      : root_(data), levels_(levels_of(info)) {
    DataOptions source;
    mvtec_ = is_mvtec(data);
    source.source = mvtec_ ? (root_ / "test").string() : data;
    source_ = open_source(source);
    if (source_->has_points()) fail("{}: holds points, accepted: images", data);
    if (!detects) return;
    names_ = source_->class_names();
    if (names_.empty())
      fail("{}: has no classes, accepted: data of two or more classes, of which some are normal", data);
    normal_ = normal_classes(options, info);
    std::vector<std::string> images;
    for (int64_t item = 0; item < source_->size(); ++item) images.push_back(source_->name(item));
    masks_.emplace(mvtec_ ? root_ : fs::path(), images);
  }

  const Source& source() const { return *source_; }
  /// The image, with 16-bit values as the model takes them; adds to `clipped` when some are beyond.
  Pixels decode(int64_t item, int64_t& clipped) const {
    DeepCount count;
    auto image = source_->decode(item, {.levels = levels_, .count = &count});
    clipped += count.beyond > 0;
    return image;
  }
  bool is_normal(int64_t item) const { return normal_.contains(source_->label(item)); }
  std::string class_name(int64_t item) const { return names_[static_cast<size_t>(source_->label(item))]; }

  bool has_masks() const { return !masks_->empty() || !masks_->strays().empty(); }
  const std::vector<fs::path>& stray_masks() const { return masks_->strays(); }

  /// Of the image's size, 255 where it is defective. Throws Error where no mask says so, or one that does not fit.
  Pixels mask(int64_t item, const Pixels& image) const {
    if (is_normal(item)) return Pixels(image.height, image.width, 1);
    const auto name = source_->name(item);
    auto mask = masks_->read(name);
    if (!mask) fail("{}: there is no mask of it in {}", name, (root_ / "ground_truth").string());
    if (mask->height != image.height || mask->width != image.width) {
      fail("{}: its mask is {}x{} (height x width), the image is {}x{}", name, mask->height, mask->width, image.height,
           image.width);
    }
    if (!marks(*mask)) fail("{}: its mask marks nothing, but the image is of the class {}", name, class_name(item));
    return *std::move(mask);
  }

 private:
  std::set<int64_t> normal_classes(const TaskOptions& options, const ModelInfo& info) const {
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

  int64_t number_of(const std::string& wanted) const {
    const auto place = std::find(names_.begin(), names_.end(), wanted);
    if (place != names_.end()) return place - names_.begin();
    if (!wanted.empty() && wanted.size() < 7 && wanted.find_first_not_of("0123456789") == std::string::npos) {
      const int64_t number = std::stoll(wanted);
      if (number < static_cast<int64_t>(names_.size())) return number;
    }
    fail("normal: received \"{}\", accepted: {}, or their numbers 0 to {}{}", wanted, join(names_), names_.size() - 1,
         did_you_mean(wanted, names_));
  }

  fs::path root_;
  Levels levels_;
  bool mvtec_ = false;
  std::shared_ptr<const Source> source_;
  std::vector<std::string> names_;
  std::set<int64_t> normal_;
  std::optional<MvtecMasks> masks_;
};

/// Reads `count` images (0: all), evenly spread, and hands over what `prepare` makes of each. One that cannot be read,
/// or that `prepare` refuses by an Error, is passed over and named in the result; an Error of `work` ends the
/// evaluation.
template <class Prepare, class Work>
void for_each_image(const Questions& questions, int64_t count, TaskEvaluation& result, Prepare&& prepare, Work&& work) {
  const int64_t size = questions.source().size();
  const int64_t wanted = count > 0 ? std::min(count, size) : size;
  for (int64_t nth = 0; nth < wanted; ++nth) {
    const int64_t item = nth * size / wanted;
    std::optional<std::invoke_result_t<Prepare, int64_t, Pixels>> prepared;
    try {
      prepared = prepare(item, questions.decode(item, result.clipped));
    } catch (const Error& error) {
      result.skipped.emplace_back(error.what());
      continue;
    }
    work(item, std::move(*prepared));
    ++result.images;
  }
  if (result.images == 0)
    fail("none of {} images can be used; the first: {}", result.skipped.size(), result.skipped.at(0));
}

void measure_reconstruction(const Model& model, const Questions& questions, const TaskOptions& options,
                            TaskEvaluation& result) {
  std::vector<at::Tensor> batch;
  std::vector<double> errors, decibels, similarities;
  const auto look = [&] {
    if (batch.empty()) return;
    const auto images = to_floats(at::stack(batch));
    for (const auto& likeness : compare_images(images, to_floats(to_bytes(model.reconstruct(images).images)))) {
      errors.push_back(likeness.mean_squared_error);
      decibels.push_back(likeness.psnr_db);
      similarities.push_back(likeness.ssim);
    }
    batch.clear();
  };
  const ImageShape shape = shape_of(model.info());
  // Larger images are made again in tiles, each of which counts as an image.
  const auto prepare = [&](int64_t item, Pixels image) {
    const auto name = questions.source().name(item);
    std::vector<at::Tensor> parts;
    if (!is_seen_in_tiles(image.height, image.width, shape, name, options.resize)) {
      parts.push_back(to_tensor(to_model_shape(std::move(image), shape, name, options.resize)));
      return parts;
    }
    for (const int64_t top : tile_starts(image.height, shape.height)) {
      for (const int64_t left : tile_starts(image.width, shape.width)) {
        parts.push_back(to_tensor(to_channels(cut(image, top, left, shape.height, shape.width), shape.channels)));
      }
    }
    return parts;
  };
  const int64_t count = options.count == 0 && !model.info().has_encoder ? kSearched : options.count;
  for_each_image(questions, count, result, prepare, [&](int64_t, const std::vector<at::Tensor>& parts) {
    for (const auto& part : parts) {
      batch.push_back(part);
      if (static_cast<int64_t>(batch.size()) == images_at_once(shape)) look();
    }
  });
  look();
  constexpr double kNoLimit = std::numeric_limits<double>::infinity();
  result.measures.push_back(mean_of("mean_squared_error", errors, 0, kNoLimit));
  result.measures.push_back(mean_of("psnr_db", decibels, 0, kNoLimit));
  if (!std::isnan(similarities[0])) result.measures.push_back(mean_of("ssim", similarities, -1, 1));
}

/// An image as it is inspected, and bool `[H, W]` of its size where it is defective; undefined where that is not known.
struct Answered {
  std::unique_ptr<RowReader> rows;
  at::Tensor mask;
};

/// Hands over an image's score and, where its mask is known, its map `[H, W]`.
class MaskReporter : public Inspector::Reporter {
 public:
  using Use = std::function<void(double score, const at::Tensor& map)>;
  MaskReporter(const at::Tensor& mask, Use use)
      : map_(mask.defined() ? at::empty(mask.sizes(), at::kFloat) : at::Tensor()), use_(std::move(use)) {}

  void row(const uint8_t*, const float* map) override {
    if (!map_.defined()) return;
    std::copy_n(map, map_.size(1), map_.mutable_data_ptr<float>() + next_row_++ * map_.size(1));
  }
  void done(double score, double) override { use_(score, map_); }

 private:
  at::Tensor map_;
  Use use_;
  int64_t next_row_ = 0;
};

/// What detection gave for one kind of images.
struct Kind {
  std::vector<double> scores;
  /// Map values outside and inside of masks.
  std::vector<at::Tensor> outside, inside;
};

/// What the detector said of all images.
struct Detections {
  Kind normal;
  std::map<std::string, Kind> anomalous;
  std::vector<at::Tensor> maps, masks;
  /// Why masks could not be used, each with its image or file.
  std::vector<std::string> wrong_masks;

  /// The same part of every kind, of those that are not normal.
  template <class Part>
  std::vector<Part> all(std::vector<Part> Kind::* part) const {
    std::vector<Part> values;
    for (const auto& [name, kind] : anomalous) values.insert(values.end(), (kind.*part).begin(), (kind.*part).end());
    return values;
  }
};

TaskMeasure area(const std::string& name, const at::Tensor& normal, const at::Tensor& anomalous, bool independent) {
  const double value = auroc(normal, anomalous);
  // Pixels of an image are not independent of each other: no interval for them.
  if (!independent) return {name, value, kUnknown, kUnknown, ""};
  const double error = kNormal95 * auroc_error(value, normal.numel(), anomalous.numel());
  return {name, value, std::max(value - error, 0.0), std::min(value + error, 1.0), ""};
}

/// The mask as its image is inspected: bool `[height, width]`.
at::Tensor inspected_mask(const Pixels& mask, int64_t height, int64_t width, const std::string& name,
                          const TaskOptions& options) {
  if (mask.height == height && mask.width == width) return to_tensor(mask)[0] > 127;
  const Pixels fitted = to_model_shape(mask, {1, height, width}, name, options.resize);
  const auto found = to_tensor(fitted)[0] > 127;
  if (marks(mask) && !found.any().item<bool>()) fail("{}: nothing of its mask is left in {}x{}", name, height, width);
  return found;
}

Detections detect_all(const Model& model, const Questions& questions, const TaskOptions& options, bool pixels,
                      TaskEvaluation& result) {
  Detections found;
  Inspector inspector(model);
  const auto prepare = [&](int64_t item, Pixels image) {
    const auto name = questions.source().name(item);
    std::string wrong;
    Pixels mask;
    const auto trying = [&](auto&& work) {
      try {
        work();
      } catch (const Error& error) {
        wrong = error.what();
      }
    };
    if (pixels) trying([&] { mask = questions.mask(item, image); });
    Answered answered{to_inspect(rows_of(std::move(image), name), model.info(), name, options.resize), {}};
    if (pixels && wrong.empty()) {
      trying([&] {
        answered.mask = inspected_mask(mask, answered.rows->height(), answered.rows->width(), name, options);
      });
    }
    if (!wrong.empty()) found.wrong_masks.push_back(wrong + "; its pixels are not counted");
    return answered;
  };
  for_each_image(questions, options.count, result, prepare, [&](int64_t item, Answered answered) {
    const bool is_normal = questions.is_normal(item);
    ++(is_normal ? result.normal : result.anomalous);
    Kind& kind = is_normal ? found.normal : found.anomalous[questions.class_name(item)];
    auto use = [&, mask = answered.mask](double score, const at::Tensor& map) {
      kind.scores.push_back(score);
      if (!mask.defined()) return;
      ++result.masks;
      kind.outside.push_back(map.masked_select(mask.logical_not()));
      kind.inside.push_back(map.masked_select(mask));
      found.maps.push_back(map), found.masks.push_back(mask);
    };
    inspector.add(*answered.rows, std::make_unique<MaskReporter>(answered.mask, std::move(use)));
  });
  inspector.finish();
  return found;
}

void measure_images(const Detections& found, TaskEvaluation& result) {
  if (result.normal == 0 || result.anomalous == 0) {
    result.measures.push_back(without_value(
        "auroc",
        fmt::format("the data holds {} normal images and {} others, accepted: both", result.normal, result.anomalous)));
    return;
  }
  const auto usual = at::tensor(found.normal.scores, at::kDouble);
  result.measures.push_back(area("auroc", usual, at::tensor(found.all(&Kind::scores), at::kDouble), true));
  for (const auto& [name, kind] : found.anomalous) {
    if (found.anomalous.size() < 2) break;
    result.measures.push_back(area("auroc of " + name, usual, at::tensor(kind.scores, at::kDouble), true));
  }
}

/// Why pixels cannot be told apart, or nothing.
std::string no_pixels(const Detections& found, const at::Tensor& outside, const at::Tensor& inside) {
  if (inside.numel() == 0 && !found.wrong_masks.empty())
    return "no mask can be used; the first: " + found.wrong_masks[0];
  if (inside.numel() == 0) {
    return "the data has no masks of where its images are defective, accepted: a folder laid out as MVTec AD's, with "
           "ground_truth";
  }
  return outside.numel() == 0 ? "the masks mark every pixel, accepted: some pixels that are normal" : "";
}

void measure_pixels(const Detections& found, const TaskOptions& options, TaskEvaluation& result) {
  const auto joined = [](const std::vector<at::Tensor>& parts) {
    return parts.empty() ? at::empty({0}) : at::cat(parts);
  };
  auto around = found.all(&Kind::outside);
  around.insert(around.end(), found.normal.outside.begin(), found.normal.outside.end());
  const auto outside = joined(around), inside = joined(found.all(&Kind::inside));
  const auto reason = no_pixels(found, outside, inside);
  if (contains(options.metrics, "pixel-auroc")) {
    result.measures.push_back(reason.empty() ? area("pixel-auroc", outside, inside, false)
                                             : without_value("pixel-auroc", reason));
    for (const auto& [name, kind] : found.anomalous) {
      if (!reason.empty() || found.anomalous.size() < 2 || kind.inside.empty()) continue;
      auto near = found.normal.outside;
      near.insert(near.end(), kind.outside.begin(), kind.outside.end());
      const auto usual = joined(near);
      if (usual.numel() == 0) continue;  // all of its images are defective all over
      result.measures.push_back(area("pixel-auroc of " + name, usual, at::cat(kind.inside), false));
    }
  }
  if (contains(options.metrics, "pro")) {
    result.measures.push_back(
        reason.empty() ? TaskMeasure{"pro", per_region_overlap(found.maps, found.masks), kUnknown, kUnknown, ""}
                       : without_value("pro", reason));
  }
}

void measure_detection(const Model& model, const Questions& questions, const TaskOptions& options,
                       TaskEvaluation& result) {
  const bool pixels = contains(options.metrics, "pixel-auroc") || contains(options.metrics, "pro");
  const auto found = detect_all(model, questions, options, pixels && questions.has_masks(), result);
  if (contains(options.metrics, "auroc")) measure_images(found, result);
  if (!pixels) return;
  measure_pixels(found, options, result);
  result.skipped.insert(result.skipped.end(), found.wrong_masks.begin(), found.wrong_masks.end());
  for (const auto& mask : questions.stray_masks()) {
    result.skipped.push_back(fmt::format("{}: belongs to no image of the folder test", mask.string()));
  }
}

}  // namespace

const std::vector<std::string>& task_metrics() {
  static const std::vector<std::string> names{"reconstruction", "auroc", "pixel-auroc", "pro"};
  return names;
}

TaskEvaluation evaluate_task(const std::string& path, const std::string& data, const TaskOptions& options) {
  if (options.metrics.empty()) fail("metrics: received none, accepted: {}", join(task_metrics()));
  for (const auto& metric : options.metrics) {
    if (contains(task_metrics(), metric)) continue;
    fail("metrics: received \"{}\", accepted: {}{}", metric, join(task_metrics()),
         did_you_mean(metric, task_metrics()));
  }
  const Model model = Model::load(path, options.device);
  if (model.info().height_px == 1) fail("{}: this model makes points, accepted: a model of images", path);
  const bool reconstructs = contains(options.metrics, "reconstruction");
  const bool detects = options.metrics.size() > (reconstructs ? 1 : 0);
  if (detects) model.map_threshold(0.5);  // says so where the model has no detector
  const Questions questions(data, detects, options, model.info());
  TaskEvaluation result;
  const auto known = known_data(model.info());
  if (known && change_between(*known, record_of(questions.source(), known->held_out)).what.empty()) {
    result.warnings.push_back(
        "these are the data that the model was trained on, and measures on them look too good: give others");
  }
  if (reconstructs) measure_reconstruction(model, questions, options, result);
  if (detects) {
    result.images = 0;
    result.skipped.clear();
    result.clipped = 0;
    measure_detection(model, questions, options, result);
  }
  for (auto& reason : questions.source().incomplete()) result.skipped.push_back(std::move(reason));
  for (auto& measure : result.measures) {
    if (std::isnan(measure.value) && measure.reason.empty()) measure.reason = "the model's answers are not numbers";
  }
  const auto has_value = [](const TaskMeasure& measure) { return measure.reason.empty(); };
  if (std::none_of(result.measures.begin(), result.measures.end(), has_value)) {
    fail("{}: {}", result.measures.at(0).name, result.measures.at(0).reason);
  }
  return result;
}

}  // namespace forger
