#pragma once

#include <map>
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
                TaskEvaluation& result);

  void add(const AnsweredPicture& pictures);
  /// Writes them into the result.
  void finish() const;

 private:
  /// Values of one measure: of what the model makes, of what is there without it and, where no truth is needed, of the
  /// originals.
  struct Compared {
    std::vector<double> model, plain, originals;
  };

  void read_photographs_of(const Questions& questions);
  bool wants_likeness(const std::string& suffix) const;
  void add_likeness(const std::string& suffix, const at::Tensor& truth, const at::Tensor& made,
                    std::vector<double> Compared::* into);
  void add_niqe(const AnsweredPicture& pictures);
  void add_distance(const AnsweredPicture& pictures);
  /// Why a measure has no value; empty of those that are taken elsewhere.
  std::string reason_of(const std::string& metric) const;
  /// What the name of a measure stands for.
  std::string definition_of(const std::string& metric) const;

  const TaskOptions& options_;
  std::string plain_;
  int64_t border_;
  TaskEvaluation& result_;
  std::optional<Photographs> photographs_;
  PictureFeatures features_;
  std::map<std::string, Compared> found_;
};

}  // namespace forger
