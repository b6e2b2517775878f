#include "api/known_data.h"

#include <fmt/format.h>

#include <filesystem>

#include "core/files.h"

namespace forger {

std::optional<DataRecord> known_data(const RunFolder& run) {
  if (!std::filesystem::exists(run.data())) return std::nullopt;
  return data_record_from_json(read_file(run.data()), run.data().string());
}

std::optional<DataRecord> known_data(const ModelInfo& model) {
  const auto found = model.provenance.find("data_record");
  if (found == model.provenance.end()) return std::nullopt;
  return data_record_from_json(found->second, "the model's provenance, data_record");
}

std::vector<std::string> notes_on_data(const std::optional<DataRecord>& known, const DataRecord& opened) {
  constexpr const char* kMixed =
      "images that are held out now may have been trained on, and measures on them look too good";
  if (!known)
    return {fmt::format("it was trained by a version that held out other images and did not record which: {}", kMixed)};
  const auto change = change_between(*known, opened);
  std::vector<std::string> notes;
  if (!change.what.empty()) {
    notes.push_back(fmt::format("these are not the data that it was trained on: {}; {}", change.what,
                                change.mixes ? kMixed : "images that are held out were not trained on"));
  }
  if (known->mixed && !change.mixes) notes.push_back(fmt::format("its data changed while it was trained: {}", kMixed));
  return notes;
}

}  // namespace forger
