#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/files.h"
#include "forger/step_report.h"

namespace forger {

/// A step report as one line of JSON, without the line's end. Numbers that are not finite become null.
std::string to_json(const StepReport& report);

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

/// All whole lines of a journal; none when there is no such file.
std::vector<std::string> read_journal(const std::filesystem::path& path);

/// The last whole line of a journal, if there is one.
std::optional<std::string> last_line(const std::filesystem::path& path);

}  // namespace forger
