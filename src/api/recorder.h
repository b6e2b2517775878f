#pragma once

#include <memory>
#include <string>

#include "api/session.h"
#include "forger/training.h"
#include "run/journal.h"
#include "run/run_folder.h"
#include "run/tensorboard.h"

namespace forger {

/// Writes what a training does into its run folder: journal, checkpoints, model file, previews, TensorBoard, log.
class Recorder {
 public:
  /// Journals are cut to the trainer's last step first.
  Recorder(const RunFolder& run, TrainingSession& session, const TrainingHooks& hooks);

  void report(const StepReport& report);
  /// Checkpoint, model file and preview.
  void checkpoint();
  void preview();
  /// Brings the last checkpoint back into the trainer, and the journal to its step.
  void roll_back();
  /// Writes the verdict "diverged".
  void diverged();

 private:
  void message(const std::string& text);
  void write_model_file();
  void report_bad_images();

  const RunFolder& run_;
  TrainingSession& session_;
  const TrainingHooks& hooks_;
  std::unique_ptr<Journal> steps_;
  Journal verdicts_;
  AppendFile log_;
  std::unique_ptr<TensorBoardWriter> tensorboard_;
  /// The first step of the present row of steps that were not applied, or 0.
  int64_t bad_since_ = 0;
};

}  // namespace forger
