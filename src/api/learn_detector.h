#pragma once

#include "api/session.h"
#include "model/model_file.h"

namespace forger {

/// Gives a model file whose tensors are complete the detector that `detector.normals` asks for: the discriminator's
/// weights of `state`, and what is learnt from the session's training and held-out images.
void add_detector(ModelFile& model, const TrainingSession& session, const TensorMap& state);

}  // namespace forger
