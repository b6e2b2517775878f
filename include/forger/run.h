#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "forger/config.h"
#include "forger/step_report.h"
#include "forger/verdict.h"

namespace forger {

/// Where reading a journal ended; a fresh one is its beginning. Can be kept as two numbers and given back later, also
/// by another process.
struct JournalPlace {
  int64_t bytes = 0;
  /// Of the line that ends there.
  uint32_t line_hash = 0;
};

/// Lines of a journal, read.
template <class Entry>
struct JournalPart {
  /// Oldest first.
  std::vector<Entry> entries;
  /// Where the next reading goes on.
  JournalPlace end;
  /// Whether the place that was asked for is gone, since the training went back to a checkpoint. What was read before
  /// is then void, and `entries` begin with the journal's first line.
  bool again = false;
  /// Whole lines that could not be understood and were passed over.
  int64_t unreadable = 0;
};

/// What the referee measured at one check, by the names in `metrics.jsonl`; those of a player as "updates.generator".
/// What could not be measured is missing.
struct Measurements {
  int64_t step = 0;
  int64_t images = 0;
  /// Training time since the start of the run.
  double seconds = 0;
  std::map<std::string, double> values;
};

/// Reads a run folder (docs/run_folder.md), also while a training writes to it or after it was copied elsewhere. It
/// writes nothing and holds no lock. Each journal is read from a place on, so that whoever watches a training reads
/// only what is new. A line that is being written is left for the next time.
class RunReader {
 public:
  /// Throws Error when this is no run folder.
  explicit RunReader(std::filesystem::path folder);

  /// Everything that decides the training. Throws Error when it cannot be understood.
  Config config() const;
  /// Whether a process on this machine trains in it at this moment.
  bool is_training() const;

  /// Up to `most` lines of `steps.jsonl`, `verdicts.jsonl` and `metrics.jsonl`; none while there is no such file. Throw
  /// Error when a file cannot be read.
  JournalPart<StepReport> steps(const JournalPlace& from = {}, int64_t most = kAll) const;
  JournalPart<Verdict> verdicts(const JournalPlace& from = {}, int64_t most = kAll) const;
  JournalPart<Measurements> measurements(const JournalPlace& from = {}, int64_t most = kAll) const;

  /// Pictures of what the game made after a step, always from the same latents or sources: step and file, in order.
  std::vector<std::pair<int64_t, std::filesystem::path>> previews() const;
  /// The newest model file; none before the first checkpoint.
  std::optional<std::filesystem::path> model() const;

  static constexpr int64_t kAll = std::numeric_limits<int64_t>::max();

 private:
  std::filesystem::path folder_;
};

}  // namespace forger
