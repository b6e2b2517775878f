#include "run/checkpoint.h"

#include <algorithm>
#include <sstream>
#include <vector>

#include "core/fail.h"
#include "core/json.h"
#include "core/text.h"
#include "model/old_names.h"
#include "model/safetensors.h"

namespace forger {
namespace {

namespace fs = std::filesystem;
constexpr int kVersion = 1;
/// A sickness shows some checks after it began.
constexpr size_t kHealthyKept = 4;

/// The one list of fields, for both ways.
template <class Progress, class Visit>
void for_each_field(Progress& progress, Visit&& visit) {
  visit("step", progress.step);
  visit("images", progress.images);
  visit("seconds", progress.seconds);
  visit("bad_steps", progress.bad_steps);
  visit("bad_in_row", progress.bad_in_row);
  visit("rate_factor", progress.rate_factor);
  visit("rolled_back", progress.rolled_back);
  visit("position", progress.position);
}

/// Checkpoint files, newest first.
std::vector<fs::path> checkpoint_files(const RunFolder& run) {
  std::vector<fs::path> files;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(run.checkpoints(), error)) {
    const auto name = entry.path().filename().string();
    if (!name.starts_with('.') && name.ends_with(".safetensors")) files.push_back(entry.path());
  }
  std::sort(files.rbegin(), files.rend());
  return files;
}

TrainingState read_file_of(const fs::path& path) {
  TensorFile file = read_safetensors(path);
  if (file.metadata["format"] != "forger-checkpoint" || file.metadata["version"] != std::to_string(kVersion)) {
    fail("{}: received format \"{}\" version \"{}\", accepted: forger-checkpoint version {}", path.string(),
         file.metadata["format"], file.metadata["version"], kVersion);
  }
  try {
    const auto json = nlohmann::ordered_json::parse(file.metadata["progress"]);
    TrainingState state{{}, with_present_names(std::move(file.tensors))};
    for_each_field(state.progress, FieldReader{json});
    return state;
  } catch (const nlohmann::json::exception& error) {
    fail("{}: the metadata key \"progress\" is damaged: {}", path.string(), error.what());
  }
}

/// The checkpoint files that a pointer file names, in its order, without those that are gone; none when there is no
/// such pointer.
std::vector<fs::path> pointed_at(const RunFolder& run, const fs::path& pointer) {
  std::vector<fs::path> paths;
  if (!fs::exists(pointer)) return paths;
  std::istringstream names(read_file(pointer));
  for (std::string name; std::getline(names, name);) {
    const auto path = run.checkpoints() / fs::path(trimmed(name)).filename();
    if (path.has_filename() && fs::is_regular_file(path)) paths.push_back(path);
  }
  return paths;
}

}  // namespace

void write_checkpoint(const RunFolder& run, const TrainingState& state, int64_t keep) {
  const auto path = run.checkpoint(state.progress.step);
  TensorFile file;
  file.tensors = state.tensors;
  file.metadata["format"] = "forger-checkpoint";
  file.metadata["version"] = std::to_string(kVersion);
  nlohmann::ordered_json progress;
  for_each_field(state.progress, FieldWriter{progress});
  file.metadata["progress"] = progress.dump();
  write_safetensors(path, file);
  point_at_checkpoint(run, run.latest_checkpoint(), state.progress.step);

  // After a roll-back, checkpoints of later steps are of a run that no longer exists.
  auto kept_anyway = pointed_at(run, run.healthy_checkpoints());
  for (auto& best : pointed_at(run, run.best_checkpoint())) kept_anyway.push_back(std::move(best));
  int64_t kept = 0;
  std::error_code ignored;
  for (const auto& old : checkpoint_files(run)) {
    const bool is_named = std::find(kept_anyway.begin(), kept_anyway.end(), old) != kept_anyway.end();
    if (old <= path && (is_named || ++kept <= std::max<int64_t>(keep, 1))) continue;
    fs::remove(old, ignored);
  }
}

void point_at_checkpoint(const RunFolder& run, const fs::path& pointer, int64_t step) {
  write_file_atomically(pointer, run.checkpoint(step).filename().string() + "\n");
}

std::optional<TrainingState> read_latest_checkpoint(const RunFolder& run) {
  if (auto state = read_checkpoint(run, run.latest_checkpoint())) return state;
  const auto files = checkpoint_files(run);
  return files.empty() ? std::nullopt : std::optional(read_file_of(files.front()));
}

std::optional<TrainingState> read_checkpoint(const RunFolder& run, const fs::path& pointer) {
  const auto paths = pointed_at(run, pointer);
  return paths.empty() ? std::nullopt : std::optional(read_file_of(paths.front()));
}

void add_healthy_checkpoint(const RunFolder& run, int64_t step) {
  auto paths = pointed_at(run, run.healthy_checkpoints());
  const auto added = run.checkpoint(step);
  std::erase(paths, added);
  paths.push_back(added);
  std::string names;
  for (size_t i = paths.size() > kHealthyKept ? paths.size() - kHealthyKept : 0; i < paths.size(); ++i) {
    names += paths[i].filename().string() + "\n";
  }
  write_file_atomically(run.healthy_checkpoints(), names);
}

std::optional<TrainingState> read_healthy_checkpoint(const RunFolder& run, int64_t before_step) {
  const auto paths = pointed_at(run, run.healthy_checkpoints());
  for (auto path = paths.rbegin(); path != paths.rend(); ++path) {
    if (*path < run.checkpoint(before_step)) return read_file_of(*path);
  }
  return std::nullopt;
}

}  // namespace forger
