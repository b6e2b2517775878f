#pragma once

#include <ATen/core/Tensor.h>

#include <optional>
#include <string>
#include <vector>

#include "api/task_measures.h"
#include "api/truth_measures.h"

namespace forger {

/// How far all that a translator makes is from all images of that kind, "fid" and "kid" (metrics/distances.h), in
/// features learnt from these images.
class KindDistances {
 public:
  /// `plain`: what stands in a picture's place without the model, for people.
  KindDistances(const TaskOptions& options, std::string plain, TaskEvaluation& result)
      : options_(options), plain_(std::move(plain)), result_(result) {}

  void add(const AnsweredPicture& pictures);
  /// Writes them into the result.
  void finish() const;

 private:
  /// Why there are none; empty where there are.
  std::string reason() const;

  const TaskOptions& options_;
  std::string plain_;
  TaskEvaluation& result_;
  std::vector<at::Tensor> truths_, made_, plains_;  // uint8 [C, H, W]
};

}  // namespace forger
