#include "forger/run.h"

#include <nlohmann/json.hpp>

#include "core/files.h"
#include "core/json.h"
#include "referee/verdict.h"
#include "run/journal.h"
#include "run/run_folder.h"

namespace forger {
namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

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

/// Adds the numbers of an object, and of objects in it, by their names.
void take_numbers(const ordered_json& json, const std::string& before, std::map<std::string, double>& values) {
  for (const auto& [name, value] : json.items()) {
    if (value.is_number()) values[before + name] = value.get<double>();
    if (value.is_boolean()) values[before + name] = value.get<bool>() ? 1 : 0;
    if (value.is_object()) take_numbers(value, before + name + ".", values);
  }
}

std::optional<Measurements> measurements_in(const std::string& line) {
  const auto json = ordered_json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return std::nullopt;
  Measurements found;
  try {
    json.at("step").get_to(found.step);
    json.at("images").get_to(found.images);
    found.seconds = number_in(json.at("seconds"));
  } catch (const nlohmann::json::exception&) {
    return std::nullopt;
  }
  take_numbers(json, "", found.values);
  for (const char* moment : {"step", "images", "seconds"}) found.values.erase(moment);
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
