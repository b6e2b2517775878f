#pragma once

#include <algorithm>
#include <filesystem>
#include <limits>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "api/item_lists.h"
#include "core/fail.h"
#include "core/interruption.h"
#include "data/derivation.h"
#include "data/mvtec.h"
#include "data/source.h"
#include "forger/evaluation.h"
#include "forger/model.h"

namespace forger {

/// The data's items, which of them are normal, and where they are defective.
class Questions {
 public:
  /// `detects`: whether normal ones are to be told from others.
  Questions(const std::string& data, bool detects, const TaskOptions& options, const ModelInfo& info);

  const Source& source() const { return *source_; }
  /// As it was named.
  std::string place() const { return root_.string(); }
  /// The image, with 16-bit values as the model takes them; adds to `clipped` when some are beyond.
  Pixels decode(int64_t item, int64_t& clipped) const { return decode_from(*source_, item, 0, clipped); }
  /// Of a model of translation: where pairs come from, also for people, and what an item is to be made from, unless
  /// that is derived.
  const PairsOptions& pairs() const { return pairs_; }
  const std::string& describe_pairs() const { return pairs_notice_; }
  Pixels decode_pair_source(int64_t item, int64_t& clipped) const {
    return decode_from(*pair_sources_, item, pairs_.kinds, clipped);
  }
  const Levels& levels() const { return levels_; }
  bool is_normal(int64_t item) const { return normal_.contains(source_->label(item)); }
  std::string class_name(int64_t item) const { return names_[static_cast<size_t>(source_->label(item))]; }

  bool has_masks() const { return !masks_->empty() || !masks_->strays().empty(); }
  const std::vector<std::filesystem::path>& stray_masks() const { return masks_->strays(); }

  /// Of the image's size, 255 where it is defective. Throws Error where no mask says so, or one that does not fit.
  Pixels mask(int64_t item, const Pixels& image) const;

 private:
  void open_pairs_for(const TaskOptions& options, const ModelInfo& info);
  Pixels decode_from(const Source& source, int64_t item, int64_t kinds, int64_t& clipped) const;
  std::set<int64_t> normal_classes(const TaskOptions& options, const ModelInfo& info) const;
  int64_t number_of(const std::string& wanted) const;

  std::filesystem::path root_;
  Levels levels_;
  bool mvtec_ = false;
  std::shared_ptr<const Source> source_;
  PairsOptions pairs_;
  std::string pairs_notice_;
  std::shared_ptr<const Source> pair_sources_;  // null unless they lie in the data
  std::vector<std::string> names_;
  std::set<int64_t> normal_;
  std::optional<MvtecMasks> masks_;
};

/// In place of a value or an interval that there is none of.
inline constexpr double kNoMeasure = std::numeric_limits<double>::quiet_NaN();

/// Whether a measure was asked for.
bool wants(const TaskOptions& options, const std::string& metric);

/// Mean with the 95 % interval of the mean, which ends where the values do.
TaskMeasure mean_of(const std::string& name, const std::vector<double>& values, double least, double most);

TaskMeasure without_value(const std::string& name, const std::string& reason);

/// Lists that `for_each_image` adds to: a number for each image that could be used, and why others are passed over.
inline constexpr const char *kUsedList = "used", *kSkippedList = "skipped";

/// Reads those of `count` images (0: all), evenly spread, that are this process's, and hands over what `prepare` makes
/// of each. One that cannot be read, or that `prepare` refuses by an Error, is passed over and named in a list; an
/// Error of `work` ends the evaluation.
template <class Prepare, class Work>
void for_each_image(const Questions& questions, int64_t count, ItemLists& lists, TaskEvaluation& result,
                    Prepare&& prepare, Work&& work) {
  const int64_t size = questions.source().size();
  const int64_t wanted = count > 0 ? std::min(count, size) : size;
  for (int64_t nth = 0; nth < wanted; ++nth) {
    go_on_unless_interrupted();
    if (!lists.goes_on()) return;
    if (!lists.is_mine(nth)) continue;
    const int64_t item = nth * size / wanted;
    std::optional<std::invoke_result_t<Prepare, int64_t, Pixels>> prepared;
    try {
      prepared = prepare(item, questions.decode(item, result.clipped));
    } catch (const Error& error) {
      lists.add(item, kSkippedList, std::string(error.what()));
      continue;
    }
    lists.add(item, kUsedList, 1.0);
    work(item, std::move(*prepared));
  }
}

/// After the last image: whether this process has heard of all and is to measure; then the result has their account.
/// Throws Error when none could be used.
bool hear_all(ItemLists& lists, TaskEvaluation& result);

void measure_reconstruction(const Model& model, const Questions& questions, const TaskOptions& options,
                            TaskEvaluation& result);
void measure_detection(const Model& model, const Questions& questions, const TaskOptions& options,
                       TaskEvaluation& result);
/// How near what a translator makes of sources comes to the images that these belong to.
void measure_translation(const Model& model, const Questions& questions, const TaskOptions& options,
                         TaskEvaluation& result);
/// How near what an upscaler makes of small images comes to the pictures that these belong to.
void measure_upscaling(const Model& model, const Questions& questions, const TaskOptions& options,
                       TaskEvaluation& result);

/// How natural pictures look that anything made, beside photographs: "niqe" (metrics/niqe.h).
TaskEvaluation measure_pictures(const std::string& pictures, const std::string& photographs,
                                const TaskOptions& options);

}  // namespace forger
