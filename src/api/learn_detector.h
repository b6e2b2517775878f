#pragma once

#include "api/session.h"
#include "model/model_file.h"

namespace forger {

/// Gives a model file that has the discriminator's weights the detector that `detector.normals` asks for, learnt from the
/// session's training and held-out images.
void add_detector(ModelFile& model, const TrainingSession& session);

}  // namespace forger
