#include "serve/watched_runs.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/json.h"
#include "run/run_folder.h"

namespace forger {
namespace {

namespace fs = std::filesystem;

/// Folders of folders of runs, no deeper.
constexpr int kDeepest = 3;
/// What one look for runs goes through at most, so that a wrong folder ("/") costs little.
constexpr int64_t kMostEntries = 20000;
constexpr auto kPause = std::chrono::milliseconds(500);
/// Runs that nobody asks about are looked at, and new ones looked for, so many times more rarely.
constexpr int kLooksBetween = 4;

/// FNV-1a, 64 bits (Fowler, Noll, Vo).
std::string id_of(const fs::path& folder) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char c : folder.string()) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return fmt::format("{:016x}", hash);
}

void add_runs(const fs::path& folder, int depth, int64_t& entries, std::vector<fs::path>& found) {
  if (RunFolder::is_run(folder)) {
    found.push_back(folder);
    return;
  }
  if (depth == kDeepest) return;
  std::error_code error;
  for (fs::directory_iterator entry(folder, fs::directory_options::skip_permission_denied, error), end;
       !error && entry != end && entries < kMostEntries; entry.increment(error)) {
    ++entries;
    std::error_code unknown;
    const bool is_hidden = entry->path().filename().string().starts_with('.');
    if (!is_hidden && entry->is_directory(unknown)) add_runs(entry->path(), depth + 1, entries, found);
  }
}

}  // namespace

WatchedRuns::WatchedRuns(std::vector<fs::path> folders) : folders_(std::move(folders)) {
  find_runs();
  look_at_runs(/*at_all=*/true);
  thread_ = std::thread([this] { look_again(); });
}

WatchedRuns::~WatchedRuns() {
  close();
  thread_.join();
}

void WatchedRuns::close() {
  {
    const std::lock_guard lock(mutex_);
    ends_ = true;
  }
  end_.notify_all();
  events_.close();
  for (const auto& run : all()) run->close();
}

void WatchedRuns::look_again() {
  for (int64_t look = 1;; ++look) {
    {
      std::unique_lock lock(mutex_);
      if (end_.wait_for(lock, kPause, [this] { return ends_; })) return;
    }
    const bool at_all = look % kLooksBetween == 0;
    try {
      if (at_all) find_runs();
      look_at_runs(at_all);
    } catch (const std::exception&) {
      // Folders come and go while they are read, and memory may be short; the next look may succeed.
    }
  }
}

void WatchedRuns::find_runs() {
  int64_t entries = 0;
  for (const auto& folder : folders_) {
    std::vector<fs::path> found;
    std::error_code error;
    if (fs::exists(folder, error)) add_runs(folder, 0, entries, found);
    for (const auto& path : found) {
      const auto whole = fs::weakly_canonical(path, error);
      const auto id = id_of(error ? path : whole);
      const std::lock_guard lock(mutex_);
      if (runs_.contains(id)) continue;
      const auto inside = path.lexically_relative(folder);
      const auto name = path == folder || inside.empty() || inside == "." ? whole.filename() : inside;
      runs_[id] = std::make_shared<WatchedRun>(id, path, name.string());
    }
  }
}

void WatchedRuns::look_at_runs(bool at_all) {
  auto changed = nlohmann::ordered_json::array(), gone = nlohmann::ordered_json::array();
  for (const auto& run : all()) {
    if (!at_all && !run->is_open()) continue;
    run->look();
    auto summary = run->summary();
    if (auto& told = told_[run->id()]; told != summary) {
      told = summary;
      changed.push_back(std::move(summary));
    }
    if (!run->is_gone()) continue;
    gone.push_back(run->id());
    told_.erase(run->id());
    const std::lock_guard lock(mutex_);
    runs_.erase(run->id());
  }
  if (changed.empty() && gone.empty()) return;
  events_.add("runs", json_text({{"runs", std::move(changed)}, {"gone", std::move(gone)}}));
}

std::vector<std::shared_ptr<WatchedRun>> WatchedRuns::all() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<WatchedRun>> runs;
  for (const auto& [id, run] : runs_) runs.push_back(run);
  return runs;
}

std::shared_ptr<WatchedRun> WatchedRuns::find(const std::string& id) const {
  const std::lock_guard lock(mutex_);
  const auto found = runs_.find(id);
  return found == runs_.end() ? nullptr : found->second;
}

}  // namespace forger
