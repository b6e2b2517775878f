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
  KindDistances(const TaskOptions& options, std::string plain, ItemLists& lists, TaskEvaluation& result)
      : options_(options), plain_(std::move(plain)), lists_(lists), result_(result) {}

  void add(int64_t item, const AnsweredPicture& pictures);
  /// Once the lists are whole: writes them into the result.
  void finish() const;

 private:
  /// Why there are none; empty where there are.
  std::string reason() const;

  const TaskOptions& options_;
  std::string plain_;
  ItemLists& lists_;  // of pictures, uint8 [C, H, W]
  TaskEvaluation& result_;
};

}  // namespace forger
