#pragma once

#include <cstdint>

#include "api/session.h"
#include "model/model_file.h"

namespace forger {

/// Throws Error where a detector is asked for, and there are too few images to learn it from.
void check_detector_data(const Config& config, const OpenedData& data);

/// Gives a model file that has the discriminator's weights the detector that `detector.normals` asks for, learnt from
/// the session's training and held-out images.
void add_detector(ModelFile& model, const TrainingSession& session);

}  // namespace forger
