#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "data/source.h"
#include "metrics/niqe.h"

namespace forger {

/// The photographs that niqe compares pictures with.
struct Photographs {
  /// None where they have too few sharp patches.
  std::optional<NaturalModel> model;
  /// Of all patches of each photograph that has enough of them to be measured, `[P, kNiqeFeatures]`.
  std::vector<at::Tensor> features;
  /// What niqe is, and what it was fitted on; or why it was not.
  std::string definition;
  /// Photographs that cannot be read, each with the reason.
  std::vector<std::string> skipped;
};

/// Looks at `count` pictures (0: all, but at most 500), evenly spread over a source; `place`: its name for people.
Photographs read_photographs(const Source& source, const Levels& levels, const std::string& place, int64_t count = 0);

/// Features of the patches of a picture's luma (`natural_statistics`), `[P, kNiqeFeatures]`. Throws Error, with the
/// picture's `name`, where it is too small or too flat for niqe.
at::Tensor niqe_features(const Pixels& picture, const std::string& name);

}  // namespace forger
