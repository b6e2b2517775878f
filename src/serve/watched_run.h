#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "forger/config.h"
#include "serve/columns.h"
#include "serve/event_log.h"
#include "serve/journal_follower.h"

namespace forger {

/// A run folder that is watched: what is new in it is read again and again, and told to those who listen. It writes
/// nothing there. JSON is as docs/http.md has it. May be used by several threads at once.
class WatchedRun {
 public:
  /// `name`: for people. What cannot be read is noted, and no error: a run may be damaged, or be being written.
  WatchedRun(std::string id, std::filesystem::path folder, std::string name);

  const std::string& id() const { return id_; }
  const std::filesystem::path& folder() const { return folder_; }

  /// Reads what is new. Steps are read whole only while somebody has asked for them lately.
  void look();
  /// Whether the folder is gone.
  bool is_gone() const;

  /// One line of the table of runs.
  nlohmann::ordered_json summary() const;
  /// All about it but its numbers; verdicts in a language.
  nlohmann::ordered_json about(const std::string& language);
  /// What series are asked for with: columns of "steps" or "checks", of steps `from` to `to`, in at most `points` rows.
  struct SeriesQuery {
    std::string journal;
    std::vector<std::string> names;
    int64_t from = 0, to = 0, points = 0;
    /// Whether rows that stay are whole (`thinned`).
    bool whole_rows = false;
  };
  /// Throws Error on another journal or a name that it does not have.
  nlohmann::ordered_json series(const SeriesQuery& query);
  /// The file of the samples after a step, or of real images where `step` is -1; none when there is none.
  std::optional<std::filesystem::path> picture(int64_t step) const;
  /// The same of the numbers behind a picture of points.
  std::optional<std::filesystem::path> points(int64_t step) const;

  /// Its newest model file; none while there is none.
  std::optional<std::filesystem::path> model() const;
  /// Tells those who listen of something that happens with it.
  void tell(const char* event, const nlohmann::ordered_json& data) const { events_.add(event, data.dump()); }

  /// Somebody is there who wants to know: steps are read whole for some time.
  void keep_open();
  /// Whether somebody was there lately.
  bool is_open() const;
  const EventLog& events() const { return events_; }
  /// Wakes all who listen, for good.
  void close() { events_.close(); }

 private:
  static constexpr std::chrono::steady_clock::rep kNever = std::numeric_limits<std::chrono::steady_clock::rep>::min();

  void read_all();
  void read_config();
  void read_verdicts();
  void read_checks();
  void read_steps();
  void read_previews();
  /// Reads lines into columns, and tells of new rows by an event.
  void follow(JournalFollower& file, Columns& columns, const char* event);
  nlohmann::ordered_json make_summary() const;
  /// All that were said, in a language.
  std::vector<nlohmann::ordered_json> verdicts_in(const std::string& language) const;

  const std::string id_;
  const std::filesystem::path folder_;
  const std::string name_;
  mutable EventLog events_;

  mutable std::mutex mutex_;
  std::optional<Config> config_;
  std::string config_text_;
  std::filesystem::file_time_type config_time_;
  std::string started_;
  /// Why parts of it could not be read at this look.
  std::vector<std::string> errors_;
  bool gone_ = false;
  /// Whether steps are read whole at this look.
  bool open_ = false;
  bool training_ = false;
  JournalFollower steps_file_, verdicts_file_, checks_file_;
  Columns steps_, checks_;
  /// Numbers of the last step, while steps are not read whole.
  std::string last_step_;
  std::uintmax_t steps_size_ = 0;
  std::vector<std::string> verdicts_;
  std::vector<int64_t> previews_;
  /// When somebody asked last, in ticks of the steady clock.
  std::atomic<std::chrono::steady_clock::rep> asked_ = kNever;
  nlohmann::ordered_json summary_;
};

}  // namespace forger
