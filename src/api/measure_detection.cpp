#include <functional>
#include <map>
#include <optional>

#include "api/inspector.h"
#include "api/task_measures.h"
#include "core/fail.h"
#include "core/torch.h"
#include "image/grid.h"
#include "image/resize.h"
#include "metrics/normal.h"
#include "metrics/ranking.h"

namespace forger {
namespace {

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
  if (!independent) return {name, value, kNoMeasure, kNoMeasure, ""};
  const double error = kNormal95 * auroc_error(value, normal.numel(), anomalous.numel());
  return {name, value, std::max(value - error, 0.0), std::min(value + error, 1.0), ""};
}

/// The mask as its image is inspected: bool `[height, width]`. `is_normal`: it marks nothing.
at::Tensor inspected_mask(const Pixels& mask, bool is_normal, int64_t height, int64_t width, const std::string& name,
                          const TaskOptions& options) {
  if (mask.height == height && mask.width == width) return to_tensor(mask)[0] > 127;
  const Pixels fitted = to_model_shape(mask, {1, height, width}, name, options.resize);
  const auto found = to_tensor(fitted)[0] > 127;
  if (!is_normal && !found.any().item<bool>()) fail("{}: nothing of its mask is left in {}x{}", name, height, width);
  return found;
}

/// Lists of what the detector says: of every image its score and whether it is normal (else its class), of those with a
/// mask the same again, the map and the mask; and masks that cannot be used.
constexpr const char *kScoreList = "scores", *kKindList = "kinds", *kMaskedKindList = "kinds with masks",
                     *kMapList = "maps", *kMaskList = "masks", *kWrongMaskList = "wrong masks";

/// What the lists hold, by kind.
Detections sorted(const ItemLists& lists, TaskEvaluation& result) {
  Detections found;
  const auto kind_of = [&](const std::string& name) -> Kind& {
    return name.empty() ? found.normal : found.anomalous[name];
  };
  const auto& kinds = lists.texts(kKindList);
  for (size_t i = 0; i < kinds.size(); ++i) {
    ++(kinds[i].empty() ? result.normal : result.anomalous);
    kind_of(kinds[i]).scores.push_back(lists.numbers(kScoreList)[i]);
  }
  found.maps = lists.tensors(kMapList), found.masks = lists.tensors(kMaskList);
  found.wrong_masks = lists.texts(kWrongMaskList);
  for (size_t i = 0; i < found.maps.size(); ++i) {
    Kind& kind = kind_of(lists.texts(kMaskedKindList)[i]);
    kind.outside.push_back(found.maps[i].masked_select(found.masks[i].logical_not()));
    kind.inside.push_back(found.maps[i].masked_select(found.masks[i]));
  }
  result.masks += static_cast<int64_t>(found.masks.size());
  return found;
}

/// None where another process hears of all.
std::optional<Detections> detect_all(const Model& model, const Questions& questions, const TaskOptions& options,
                                     bool pixels, TaskEvaluation& result) {
  ItemLists lists(options.team);
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
        answered.mask = inspected_mask(mask, questions.is_normal(item), answered.rows->height(), answered.rows->width(),
                                       name, options);
      });
    }
    if (!wrong.empty()) lists.add(item, kWrongMaskList, wrong + "; its pixels are not counted");
    return answered;
  };
  for_each_image(questions, options.count, lists, result, prepare, [&](int64_t item, const Answered& answered) {
    const auto kind = questions.is_normal(item) ? std::string() : questions.class_name(item);
    auto use = [&lists, item, kind, mask = answered.mask](double score, const at::Tensor& map) {
      lists.add(item, kKindList, kind);
      lists.add(item, kScoreList, score);
      if (!mask.defined()) return;
      lists.add(item, kMaskedKindList, kind);
      lists.add(item, kMapList, map);
      lists.add(item, kMaskList, mask.contiguous());
    };
    inspector.add(*answered.rows, std::make_unique<MaskReporter>(answered.mask, std::move(use)));
  });
  inspector.finish();
  if (!hear_all(lists, result)) return std::nullopt;
  return sorted(lists, result);
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
  if (wants(options, "pixel-auroc")) {
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
  if (wants(options, "pro")) {
    result.measures.push_back(
        reason.empty() ? TaskMeasure{"pro", per_region_overlap(found.maps, found.masks), kNoMeasure, kNoMeasure, ""}
                       : without_value("pro", reason));
  }
}

}  // namespace

void measure_detection(const Model& model, const Questions& questions, const TaskOptions& options,
                       TaskEvaluation& result) {
  const bool pixels = wants(options, "pixel-auroc") || wants(options, "pro");
  const auto heard = detect_all(model, questions, options, pixels && questions.has_masks(), result);
  if (!heard) return;
  const auto& found = *heard;
  if (wants(options, "auroc")) measure_images(found, result);
  if (!pixels) return;
  measure_pixels(found, options, result);
  result.skipped.insert(result.skipped.end(), found.wrong_masks.begin(), found.wrong_masks.end());
  for (const auto& mask : questions.stray_masks()) {
    result.skipped.push_back(fmt::format("{}: belongs to no image of the folder test", mask.string()));
  }
}

}  // namespace forger
