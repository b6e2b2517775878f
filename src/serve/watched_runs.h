#pragma once

#include <condition_variable>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "serve/event_log.h"
#include "serve/watched_run.h"

namespace forger {

/// The runs in some folders, looked at again and again by a thread of its own. May be used by several threads at once.
class WatchedRuns {
 public:
  /// Each folder is a run, or holds runs, also in folders of folders; it may come to be later.
  explicit WatchedRuns(std::vector<std::filesystem::path> folders);
  ~WatchedRuns();
  WatchedRuns(const WatchedRuns&) = delete;
  WatchedRuns& operator=(const WatchedRuns&) = delete;

  /// All that there are.
  std::vector<std::shared_ptr<WatchedRun>> all() const;
  /// None when there is no such run.
  std::shared_ptr<WatchedRun> find(const std::string& id) const;
  /// Summaries that changed, and ids of runs that are gone.
  const EventLog& events() const { return events_; }
  /// Wakes all who listen to any of the events, for good.
  void close();

 private:
  void look_again();
  /// Looks for runs that are new.
  void find_runs();
  void look_at_runs(bool at_all);

  const std::vector<std::filesystem::path> folders_;
  EventLog events_;
  mutable std::mutex mutex_;
  std::condition_variable end_;
  bool ends_ = false;
  std::map<std::string, std::shared_ptr<WatchedRun>> runs_;
  /// The summaries that were told last; the thread's own.
  std::map<std::string, nlohmann::ordered_json> told_;
  std::thread thread_;
};

}  // namespace forger
