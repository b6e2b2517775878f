#pragma once

#include <optional>
#include <string>
#include <vector>

#include "data/data_record.h"
#include "forger/model.h"
#include "run/run_folder.h"

namespace forger {

/// What a run or a model was trained on; none where it comes from a version that did not record it.
std::optional<DataRecord> known_data(const RunFolder& run);
std::optional<DataRecord> known_data(const ModelInfo& model);

/// What is to be said where data are opened for something that was trained on `known`: that they are other data, and
/// whether what is held out of them is still unseen. Nothing where all is as it was.
std::vector<std::string> notes_on_data(const std::optional<DataRecord>& known, const DataRecord& opened);

}  // namespace forger
