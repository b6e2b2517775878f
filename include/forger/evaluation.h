#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

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
  /// How 16-bit images become 8 bits, as DataOptions::levels; empty: as the run or the model says, else "keep". Accepted with
  /// samples that are no model's.
  std::string levels = {};
  /// Brings samples of another height and width to the data's (antialiased bicubic) instead of refusing them.
  bool resize = false;
  /// An Inception network, TorchScript or .safetensors; empty: features are learnt from the training images.
  std::filesystem::path inception;
  /// Where a model draws its samples: "auto", "cpu", "cuda" or "cuda:N".
  std::string device = "auto";
};

/// One measure of the samples, beside the same measure of real images.
struct Measure {
  std::string name;
  double value = 0;
  /// 95 % interval; "c2st": 90 %.
  double low = 0;
  double high = 0;
  /// The same measure of as many training images: what a perfect generator would get.
  double baseline = 0;
  /// "lower", "higher" or "near the baseline".
  std::string better;
};

/// What `evaluate` found, and everything that the numbers depend on.
struct Evaluation {
  std::vector<Measure> measures;
  int64_t samples = 0;
  int64_t reference_images = 0;
  /// Training images that the baseline was measured on, and that features and bins were learnt from.
  int64_t baseline_images = 0;
  int64_t training_images = 0;
  std::string split;
  int64_t channels = 0;
  int64_t height_px = 0;
  int64_t width_px = 0;
  /// "none", or from which size and how samples were resized.
  std::string resize;
  /// The network whose features were compared; values compare only where the hash is the same.
  std::string feature_net;
  std::string feature_hash;
  /// What a reader of the numbers must know besides: that the data are not those the model was trained on, for example.
  std::vector<std::string> notes;
  /// Archives of the data that were cut short, each with what is wrong: reference images may be missing.
  std::vector<std::string> incomplete;
};

/// Measures samples against data. `samples`: a model file, a run folder, a `.npz` with `images` uint8 `[N, H, W, C]` (or
/// `points`), or a folder of images. `data`: as for a training; a run's images are prepared as its training prepared
/// them, a model's brought to its size. Throws Error: fewer than 50 samples or reference images, samples of another
/// size or other channels than the data, samples that are all equal or not finite.
Evaluation evaluate(const std::string& samples, const std::string& data, const EvaluationOptions& options = {});

/// How to measure what a model makes of given images.
struct TaskOptions {
  /// Of "reconstruction", "auroc", "pixel-auroc" and "pro"; at least one.
  std::vector<std::string> metrics;
  /// Classes of the data that count as normal, by name or number; empty: the class "good" or "normal", or those that the
  /// model was trained on.
  std::vector<std::string> normal;
  /// How images of another size come to the model's: "crop", "pad" or "stretch"; empty: larger ones are looked at in
  /// tiles, smaller ones refused.
  std::string resize;
  /// Images looked at, evenly spread over the data; 0: all, but 100 for the reconstructions of a model without encoder,
  /// which searches for each.
  int64_t count = 0;
  std::string device = "auto";
};

/// One measure, of all images or of one kind of anomaly against the normal images.
struct TaskMeasure {
  /// "auroc", "auroc of scratch", "pixel-auroc", "pro", "psnr_db", "ssim", "mean_squared_error".
  std::string name;
  double value = 0;
  /// 95 % interval; NaN where none is known.
  double low = 0;
  double high = 0;
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
  /// Images with 16-bit values beyond the model's levels, which were clipped.
  int64_t clipped = 0;
  /// What was wrong with images that were passed over, each named.
  std::vector<std::string> skipped;
  /// What a reader of the numbers must know besides: that the model was trained on these images, for example.
  std::vector<std::string> notes;
};

/// Measures how well a model (file or run folder) makes the images of `data` again, or tells its normal classes from the
/// others. `data`: as for a training, with classes, or a folder laid out as MVTec AD's are, whose `test` is taken and whose
/// `ground_truth` holds masks. Give images that the model was not trained on. Throws Error: no such model or data, a model
/// that has no detector, no class that is normal or none that is not, no masks.
TaskEvaluation evaluate_task(const std::string& model, const std::string& data, const TaskOptions& options);

/// The names that TaskOptions::metrics accepts.
const std::vector<std::string>& task_metrics();

/// The names that EvaluationOptions::metrics accepts.
const std::vector<std::string>& evaluation_metrics();

}  // namespace forger
