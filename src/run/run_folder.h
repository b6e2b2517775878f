#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/files.h"
#include "forger/config.h"

namespace forger {

/// Everything that one training leaves on disk (docs/run_folder.md), and the only place where trainer, referee,
/// dashboard and commands meet. Every name in it stands here.
class RunFolder {
 public:
  /// Makes the folder for a new training and locks it; config.toml is in it when this returns. Throws Error when the
  /// folder exists and is not empty, or cannot be written.
  static RunFolder create(const std::filesystem::path& path, const Config& config);
  /// Opens a run to go on with it. Throws Error when this is no run folder or another process trains in it.
  static RunFolder open_to_train(const std::filesystem::path& path);
  /// Opens a run to read it, also while another process trains in it. Throws Error when this is no run folder.
  static RunFolder open(const std::filesystem::path& path);
  /// The names in a folder that may be no run, or no more.
  static RunFolder at(std::filesystem::path path) { return RunFolder(std::move(path)); }

  /// Whether the folder looks like a run (it has a config.toml).
  static bool is_run(const std::filesystem::path& path);
  /// The folder that `train` uses when none is named: runs/NNN-recipe-data with the next free number.
  static std::filesystem::path next_name(const Config& config);

  /// The run's data as this process finds it. A relative `data.source` is looked for from the folder in which the
  /// training began, and then from the present one; where that is the same, or the data is there, the source stays as
  /// it was typed. Throws Error when it is in neither; `option` is the one that names its new place.
  std::string data_source(const Config& config, const std::string& option) const;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path config() const { return path_ / "config.toml"; }
  std::filesystem::path data() const { return path_ / "data.json"; }
  std::filesystem::path build() const { return path_ / "build.json"; }
  std::filesystem::path steps() const { return path_ / "steps.jsonl"; }
  std::filesystem::path verdicts() const { return path_ / "verdicts.jsonl"; }
  std::filesystem::path metrics() const { return path_ / "metrics.jsonl"; }
  /// What mending tried and is trying.
  std::filesystem::path mending() const { return path_ / "mending.safetensors"; }
  std::filesystem::path log() const { return path_ / "log.txt"; }
  std::filesystem::path model() const { return path_ / "model.safetensors"; }
  std::filesystem::path tensorboard() const { return path_ / "tensorboard"; }
  std::filesystem::path checkpoints() const { return path_ / "checkpoints"; }
  std::filesystem::path checkpoint(int64_t step) const;
  /// Files that hold the name of a checkpoint: the newest, that of the best samples; the names of the last ones of a
  /// healthy game, oldest first.
  std::filesystem::path latest_checkpoint() const { return checkpoints() / "latest"; }
  std::filesystem::path best_checkpoint() const { return checkpoints() / "best"; }
  std::filesystem::path healthy_checkpoints() const { return checkpoints() / "healthy"; }
  std::filesystem::path previews() const { return path_ / "previews"; }
  std::filesystem::path preview(int64_t step) const;
  /// As many real images beside those of a game that makes images from nothing but latents.
  std::filesystem::path real_preview() const { return previews() / "real.png"; }
  /// Of points of the plane: the numbers behind these pictures.
  std::filesystem::path preview_points(int64_t step) const;
  std::filesystem::path real_points() const { return previews() / "real.json"; }
  /// Pictures that are there: step and file, in order.
  std::vector<std::pair<int64_t, std::filesystem::path>> previews_made() const;
  std::filesystem::path lock_file() const { return path_ / ".lock"; }

 private:
  explicit RunFolder(std::filesystem::path path) : path_(std::move(path)) {}
  void lock();

  std::filesystem::path path_;
  std::unique_ptr<FolderLock> lock_;
};

}  // namespace forger
