#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/photographs.h"
#include "api/picture_features.h"
#include "api/task_measures.h"

namespace forger {

/// A picture and what a model makes in its place; grey or RGB.
struct AnsweredPicture {
  std::string name;
  Pixels truth, model;
  /// What stands in its place without the model, where there is such a thing.
  std::optional<Pixels> plain;
};

/// Takes the measures that were asked for of what a model makes, picture by picture, beside what is there without it.
class TruthMeasures {
 public:
  /// `plain`: what that is, for people ("bicubic"); `border`: pixels at each side that do not count.
  TruthMeasures(const Questions& questions, const TaskOptions& options, std::string plain, int64_t border,
                ItemLists& lists, TaskEvaluation& result);

  void add(int64_t item, const AnsweredPicture& pictures);
  /// Once the lists are whole: writes them into the result.
  void finish() const;

 private:
  /// What is measured: what the model makes, what is there without it and, where no truth is needed, the originals.
  enum class Of { model, plain, originals };
  static std::string list_of(const std::string& metric, Of of);

  void read_photographs_of(const Questions& questions);
  bool wants_likeness(const std::string& suffix) const;
  void add_likeness(int64_t item, const std::string& suffix, const at::Tensor& truth, const at::Tensor& made, Of of);
  void add_niqe(int64_t item, const AnsweredPicture& pictures);
  void add_distance(int64_t item, const AnsweredPicture& pictures);
  /// Why a measure has no value; empty of those that are taken elsewhere.
  std::string reason_of(const std::string& metric) const;
  /// What the name of a measure stands for.
  std::string definition_of(const std::string& metric) const;

  const TaskOptions& options_;
  std::string plain_;
  int64_t border_;
  ItemLists& lists_;
  TaskEvaluation& result_;
  std::optional<Photographs> photographs_;
  PictureFeatures features_;
};

}  // namespace forger
