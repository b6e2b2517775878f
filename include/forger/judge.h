#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "forger/config.h"
#include "forger/verdict.h"

namespace forger {

/// How to judge.
struct JudgeOptions {
  /// Real images to hold the samples against instead of the run's own; empty: the run's.
  std::string data;
  /// Looks at more images: surer and slower.
  bool full = false;
  /// "en" or "ja".
  std::string language = "en";
  /// "auto", "cpu", "cuda" or "cuda:N".
  std::string device = "auto";
};

/// What the referee says about a run or about samples.
struct Judgement {
  Verdict verdict;
  /// The states of the run's checks so far, as (step, state); empty for samples.
  std::vector<std::pair<int64_t, State>> timeline;
  /// What a reader of the verdict must know besides: that the data changed since the training, for example.
  std::vector<std::string> warnings;
  /// Archives of the data that were cut short, each with what is wrong: real images may be missing.
  std::vector<std::string> incomplete;
};

/// Judges the newest checkpoint of a run, in the light of the checks that its training made. Throws Error when the
/// folder holds no run or no checkpoint, or the data cannot be opened.
Judgement judge(const std::filesystem::path& run_folder, const JudgeOptions& options = {});

/// Judges samples that anything made, a `.npz` or a folder of images, against real images: whether they resemble unseen
/// ones (condition 2), and whether they copy training images. Throws Error when they are fewer than 2, or of another
/// size or channels than `data` gives.
Judgement judge_samples(const std::filesystem::path& samples, const DataOptions& data,
                        const JudgeOptions& options = {});

/// Writes a page about a run, one file that needs no network: timeline of verdicts, charts, sample grids. `language`:
/// "en" or "ja", the verdict's.
void write_report(const std::filesystem::path& run_folder, const std::filesystem::path& html, const Verdict& verdict,
                  const std::string& language = "en");

/// A verdict as one line of JSON, as in `verdicts.jsonl` (docs/run_folder.md).
std::string to_json(const Verdict& verdict);

}  // namespace forger
