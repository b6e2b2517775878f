#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/files.h"
#include "forger/run.h"
#include "forger/step_report.h"

namespace forger {

/// A step report as one line of JSON, without the line's end. Numbers that are not finite become null.
std::string to_json(const StepReport& report);
/// The report of such a line; none when it is no such line.
std::optional<StepReport> step_report_in(const std::string& line);

/// steps.jsonl or verdicts.jsonl: one JSON object a line, each with its "step", in order.
class Journal {
 public:
  /// Opens to append. Lines of steps above `last_step`, and a torn last line, are cut off first: a killed run wrote
  /// them after its last checkpoint.
  Journal(const std::filesystem::path& path, int64_t last_step);

  /// Adds a line; `json` is one object without line ends. Throws Error when the disk is full.
  void append(std::string_view json);
  /// After the last line. Throws Error where a disk tells only then that it is full.
  void close() { file_.close(); }

 private:
  AppendFile file_;
};

/// Cuts the journal after the last whole line of a step up to `last_step`. A file that does not exist stays away.
void truncate_journal(const std::filesystem::path& path, int64_t last_step);

/// Up to `most` whole lines of a journal from `from` on, without their ends; none when there is no such file. Throws
/// Error when it cannot be read.
JournalPart<std::string> read_journal(const std::filesystem::path& path, const JournalPlace& from = {},
                                      int64_t most = RunReader::kAll);

/// Calls `take` with each number of a line, by its name, that of one in an object as "losses.generator": null as NaN,
/// true as 1; what stands in lists is passed over. False, and none of them, when it is no JSON object.
bool take_numbers(const std::string& line, const std::function<void(const std::string& name, double value)>& take);

/// The last whole line of a journal, if there is one.
std::optional<std::string> last_line(const std::filesystem::path& path);

}  // namespace forger
