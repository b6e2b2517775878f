#pragma once

#include <cstdint>

#include "api/session.h"
#include "model/model_file.h"

namespace forger {

/// Images that must be held out for a detector: of fewer, the spread of what is usual is not known.
inline constexpr int64_t kFewestHeldOut = 10;
/// Images that must be trained on: one alone has no spread at all.
inline constexpr int64_t kFewestNormals = 2;

/// Gives a model file that has the discriminator's weights the detector that `detector.normals` asks for, learnt from
/// the session's training and held-out images.
void add_detector(ModelFile& model, const TrainingSession& session);

}  // namespace forger
