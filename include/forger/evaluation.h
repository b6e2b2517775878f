#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "forger/team.h"

namespace forger {

/// How to measure samples against data.
struct EvaluationOptions {
  /// Of "fid", "kid", "precision-recall", "density-coverage", "vendi", "ndb", "swd", "c2st"; empty: all.
  std::vector<std::string> metrics;
  /// Samples taken; 0: as many as there are reference images, at most 10,000.
  int64_t count = 0;
  uint64_t seed = 1;
  /// "held-out": the reference is what training holds out, at most 10,000 images. "all": one half of all images, and
  /// the other half takes the place of the training images.
  std::string split = "held-out";
  /// How 16-bit images become 8 bits, as DataOptions::levels; empty: as the run or the model says, else "keep".
  /// Accepted with samples that are no model's.
  std::string levels = {};
  /// Brings samples of other heights and widths, of one size or many, to the data's (antialiased bicubic) instead of
  /// refusing them.
  bool resize = false;
  /// An Inception network, TorchScript or .safetensors; empty: features are learnt from the training images.
  std::filesystem::path inception;
  /// Where a model draws its samples: "auto", "cpu", "cuda" or "cuda:N".
  std::string device = "auto";
  /// Processes that draw a model's samples and compute Inception's features together, as `join_team` found them; null:
  /// this one alone. Each of them makes the same call; rank 0 does the rest, and gets the result.
  std::shared_ptr<Team> team = {};
};

/// One measure of the samples, beside the same measure of real images.
struct Measure {
  std::string name;
  double value = 0;
  /// 95 % interval; "c2st": 90 %. NaN where so few images tell of none.
  double low = 0;
  double high = 0;
  /// The same measure of equally many training images: what a perfect generator would get.
  double baseline = 0;
  /// "lower", "higher" or "near the baseline".
  std::string better;
  /// Why there is no value, which is NaN then, as are the other numbers; empty where there is one.
  std::string reason;
};

/// What `evaluate` found, and everything that the numbers depend on.
struct Evaluation {
  std::vector<Measure> measures;
  /// What makes the numbers say less than they seem to, for people.
  std::vector<std::string> warnings;
  /// Measured: no more than there are training images for the baseline, so that both have the same count.
  int64_t samples = 0;
  int64_t reference_images = 0;
  /// Training images that the baseline was measured on ("c2st": two thirds of all at most, and as many samples), and
  /// that features and bins were learnt from.
  int64_t baseline_images = 0;
  int64_t training_images = 0;
  std::string split;
  int64_t channels = 0;
  int64_t height_px = 0;
  int64_t width_px = 0;
  /// "none", or from which size and how samples were resized.
  std::string resize;
  /// The network whose features were compared; values compare only where the hash is the same. Empty: there is none,
  /// and the measures that need one say why.
  std::string feature_net;
  std::string feature_hash;
  /// Archives of the data that were cut short, each with what is wrong: reference images may be missing.
  std::vector<std::string> incomplete;
};

/// Measures samples against data. `samples`: a model file, a run folder, a `.npz` with `images` uint8 `[N, H, W, C]`
/// (or `points`), or a folder of images. `data`: as for a training; a run's images are prepared as its training
/// prepared them, a model's brought to its size. A measure that does not exist for so few images, or such ones, says
/// why in its `reason`. Throws Error: no reference images, samples of another size or other channels than the data,
/// samples that are not finite, no measure that exists.
Evaluation evaluate(const std::string& samples, const std::string& data, const EvaluationOptions& options = {});

/// How to measure what a model makes of given images.
struct TaskOptions {
  /// Of `task_metrics()`; at least one.
  std::vector<std::string> metrics;
  /// Classes of the data that count as normal, by name or number; empty: the class "good" or "normal", or those that
  /// the model was trained on.
  std::vector<std::string> normal;
  /// How images of another size come to the model's: "crop", "pad" or "stretch"; empty: larger ones are looked at in
  /// tiles, smaller ones refused; of translators as in the model's training.
  std::string resize;
  /// Of upscalers: a data set with the small images of the pictures, of the same names; empty: they are made.
  std::string low = {};
  /// Of translators: where pairs come from, as PairsOptions::source, and their direction; empty: as in the model's
  /// training, where sources were made of images, else what lies in the data.
  std::string pairs = {};
  std::string direction = {};
  /// "niqe" of an upscaler: photographs that it is fitted on, a data set; empty: the data measured.
  std::string pristine = {};
  /// Images looked at, evenly spread over the data; 0: all, but 100 for the reconstructions of a model without encoder,
  /// which searches for each.
  int64_t count = 0;
  std::string device = "auto";
  /// Processes of which each looks at its part of the images, as `join_team` found them; null: this one alone. Each of
  /// them makes the same call; rank 0 gets the result. What measures are fitted on each reads for itself.
  std::shared_ptr<Team> team = {};
};

/// One measure, of all images or of one kind of anomaly against the normal images.
struct TaskMeasure {
  /// "auroc", "auroc of scratch", "pixel-auroc", "pro", "psnr_db", "ssim", "mean_squared_error", "psnr-y",
  /// "psnr-y of bicubic", "l1 of the sources" and so on.
  std::string name;
  double value = 0;
  /// 95 % interval; NaN where none is known.
  double low = 0;
  double high = 0;
  /// Why there is no value, which is NaN then; empty where there is one.
  std::string reason;
  /// Which definition the name stands for, where tools differ; else empty.
  std::string definition = {};
};

/// What `evaluate_task` found.
struct TaskEvaluation {
  std::vector<TaskMeasure> measures;
  int64_t images = 0;
  /// Of these, by their labels; 0 and 0 for reconstruction alone.
  int64_t normal = 0;
  int64_t anomalous = 0;
  /// Images with a mask of where they are defective.
  int64_t masks = 0;
  /// Of upscalers: where the small images came from, for people; else empty.
  std::string small_images;
  /// Of translators: where the pairs came from, for people; else empty.
  std::string pairs;
  /// Images with 16-bit values beyond the model's levels, which were clipped.
  int64_t clipped = 0;
  /// What was wrong with images that were passed over, and with masks, each named.
  std::vector<std::string> skipped;
  /// What a reader of the numbers must know besides: that the model was trained on these images, for example.
  std::vector<std::string> warnings;
};

/// Measures how well a model (file or run folder) makes the images of `data` again, or tells its normal classes from
/// the others. `data`: as for a training, with classes, or a folder laid out as MVTec AD's are, whose `test` is taken
/// and whose `ground_truth` holds masks. Give images that the model was not trained on. With "niqe" alone, `model` may
/// be a folder of pictures that anything made, and `data` are photographs. A measure that the data leaves
/// without a value says why in its `reason`. Throws Error: no such model or data, a model that has no detector, no
/// class that is normal, no measure that has a value.
TaskEvaluation evaluate_task(const std::string& model, const std::string& data, const TaskOptions& options);

/// Whether a path is a model of translation (file or run folder): it draws no samples, and its "fid" and "kid", which
/// are of what it makes of images, are `evaluate_task`'s.
bool is_translator(const std::string& path);

/// The names that TaskOptions::metrics accepts.
const std::vector<std::string>& task_metrics();

/// The names that EvaluationOptions::metrics accepts.
const std::vector<std::string>& evaluation_metrics();

}  // namespace forger
