#include "forger/run.h"

#include <cmath>
#include <limits>

#include "core/files.h"
#include "referee/verdict.h"
#include "run/journal.h"
#include "run/run_folder.h"

namespace forger {
namespace {

namespace fs = std::filesystem;

/// Lines of a journal through `understand`, which gives an entry or nothing.
template <class Entry>
JournalPart<Entry> understood(const JournalPart<std::string>& lines,
                              std::optional<Entry> (*understand)(const std::string&)) {
  JournalPart<Entry> part{.entries = {}, .end = lines.end, .again = lines.again};
  part.entries.reserve(lines.entries.size());
  for (const auto& line : lines.entries) {
    if (auto entry = understand(line)) {
      part.entries.push_back(std::move(*entry));
    } else {
      ++part.unreadable;
    }
  }
  return part;
}

std::optional<Measurements> measurements_in(const std::string& line) {
  Measurements found;
  const bool is_whole = take_numbers(line, [&found](const std::string& name, double value) {
    if (!std::isnan(value)) found.values[name] = value;
  });
  const auto taken = [&found](const char* name) {
    const auto at = found.values.find(name);
    const double value = at == found.values.end() ? std::numeric_limits<double>::quiet_NaN() : at->second;
    if (at != found.values.end()) found.values.erase(at);
    return value;
  };
  const double step = taken("step"), images = taken("images");
  found.seconds = taken("seconds");
  if (!is_whole || std::isnan(step) || std::isnan(images)) return std::nullopt;
  found.step = static_cast<int64_t>(step);
  found.images = static_cast<int64_t>(images);
  return found;
}

}  // namespace

RunReader::RunReader(fs::path folder) : folder_(std::move(folder)) { RunFolder::open(folder_); }

Config RunReader::config() const { return Config::from_file(RunFolder::open(folder_).config()); }

bool RunReader::is_training() const { return FolderLock::is_held(RunFolder::open(folder_).lock_file()); }

JournalPart<StepReport> RunReader::steps(const JournalPlace& from, int64_t most) const {
  return understood(read_journal(RunFolder::open(folder_).steps(), from, most), step_report_in);
}

JournalPart<Verdict> RunReader::verdicts(const JournalPlace& from, int64_t most) const {
  return understood(read_journal(RunFolder::open(folder_).verdicts(), from, most), verdict_in);
}

JournalPart<Measurements> RunReader::measurements(const JournalPlace& from, int64_t most) const {
  return understood(read_journal(RunFolder::open(folder_).metrics(), from, most), measurements_in);
}

std::vector<std::pair<int64_t, fs::path>> RunReader::previews() const {
  return RunFolder::open(folder_).previews_made();
}

std::optional<fs::path> RunReader::model() const {
  auto model = RunFolder::open(folder_).model();
  if (!fs::is_regular_file(model)) return std::nullopt;
  return model;
}

}  // namespace forger
