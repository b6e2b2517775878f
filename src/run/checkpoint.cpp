#include "run/checkpoint.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <vector>

#include "core/fail.h"
#include "core/text.h"
#include "model/safetensors.h"

namespace forger {
namespace {

namespace fs = std::filesystem;
constexpr int kVersion = 1;

nlohmann::json to_json(const TrainingProgress& progress) {
  return {{"step", progress.step},           {"images", progress.images},         {"seconds", progress.seconds},
          {"bad_steps", progress.bad_steps}, {"bad_in_row", progress.bad_in_row}, {"rate_factor", progress.rate_factor},
          {"rolled_back", progress.rolled_back}, {"position", progress.position}};
}

TrainingProgress progress_of(const nlohmann::json& json) {
  TrainingProgress progress;
  json.at("step").get_to(progress.step);
  json.at("images").get_to(progress.images);
  json.at("seconds").get_to(progress.seconds);
  json.at("bad_steps").get_to(progress.bad_steps);
  json.at("bad_in_row").get_to(progress.bad_in_row);
  json.at("rate_factor").get_to(progress.rate_factor);
  json.at("rolled_back").get_to(progress.rolled_back);
  json.at("position").get_to(progress.position);
  return progress;
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
    return TrainingState{progress_of(nlohmann::json::parse(file.metadata["progress"])), std::move(file.tensors)};
  } catch (const nlohmann::json::exception& error) {
    fail("{}: the metadata key \"progress\" is damaged: {}", path.string(), error.what());
  }
}

/// The checkpoint file that a pointer file names; empty when there is no such pointer, or its file is gone.
fs::path pointed_at(const RunFolder& run, const fs::path& pointer) {
  if (!fs::exists(pointer)) return {};
  const auto path = run.checkpoints() / fs::path(trimmed(read_file(pointer))).filename();
  return fs::exists(path) ? path : fs::path();
}

}  // namespace

void write_checkpoint(const RunFolder& run, const TrainingState& state, int64_t keep) {
  const auto path = run.checkpoint(state.progress.step);
  TensorFile file;
  file.tensors = state.tensors;
  file.metadata["format"] = "forger-checkpoint";
  file.metadata["version"] = std::to_string(kVersion);
  file.metadata["progress"] = to_json(state.progress).dump();
  write_safetensors(path, file);
  point_at_checkpoint(run, run.latest_checkpoint(), state.progress.step);

  // After a roll-back, checkpoints of later steps are of a run that no longer exists.
  const auto best = pointed_at(run, run.best_checkpoint()), healthy = pointed_at(run, run.healthy_checkpoint());
  int64_t kept = 0;
  std::error_code ignored;
  for (const auto& old : checkpoint_files(run)) {
    if (old <= path && (old == best || old == healthy || ++kept <= std::max<int64_t>(keep, 1))) continue;
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
  const auto path = pointed_at(run, pointer);
  return path.empty() ? std::nullopt : std::optional(read_file_of(path));
}

}  // namespace forger
