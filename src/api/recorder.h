#pragma once

#include <limits>
#include <memory>
#include <string>

#include "api/session.h"
#include "forger/training.h"
#include "forger/verdict.h"
#include "referee/check.h"
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
  /// Checkpoint, model file (without a detector, which takes its time) and preview.
  void checkpoint();
  void preview();
  /// Brings the last checkpoint back into the trainer, and the journals to its step.
  void roll_back();
  /// A check of the referee and what it said. Keeps the checkpoint of the best samples so far, and this one as that to
  /// which mending goes back if it is `healthy`.
  void verdict(const Verdict& verdict, const Check& check, bool healthy);
  /// The verdict on steps that were not finite.
  void verdict(const Verdict& verdict);
  /// Another game begins: the best samples so far may be those of other networks.
  void forget_best();
  /// After the last of these: the model file gets its detector, and is that of the best samples where the referee ended
  /// the training. Throws Error where a disk tells only then that it is full.
  void finish(TrainingEnd end);
  /// The first step of the present row of steps that were not applied.
  int64_t bad_since() const { return bad_since_; }
  /// A line for people, also kept in the log.
  void message(const std::string& text);

 private:
  void write_model_file(const TrainingState& state, bool with_detector);
  /// What previews of games that make images from images begin with: always the same held-out ones.
  void choose_preview_pairs();
  /// As many real images as the previews have samples, once.
  void write_real_preview();
  /// The numbers behind a preview of points, and, once, those of real ones.
  void write_points(const at::Tensor& samples, int64_t step);
  /// The first time, they are loaded.
  const at::Tensor& preview_reals();
  void close();
  void report_bad_images();
  void open_journals(int64_t last_step);

  const RunFolder& run_;
  TrainingSession& session_;
  const TrainingHooks& hooks_;
  std::unique_ptr<Journal> steps_, verdicts_, metrics_;
  AppendFile log_;
  std::unique_ptr<TensorBoardWriter> tensorboard_;
  /// The first step of the present row of steps that were not applied, or 0.
  int64_t bad_since_ = 0;
  at::Tensor preview_sources_, preview_truths_;  // the latter are any images where there are no truths
  at::Tensor preview_reals_;
  double best_kid_ = std::numeric_limits<double>::infinity();
};

}  // namespace forger
