#include "serve/watched_run.h"

#include <fmt/chrono.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "api/read_checks.h"
#include "config/game_table.h"
#include "core/fail.h"
#include "core/files.h"
#include "core/json.h"
#include "core/utf8.h"
#include "forger/judge.h"
#include "image/grid.h"
#include "referee/texts.h"
#include "referee/verdict.h"
#include "referee/ways.h"
#include "run/journal.h"
#include "run/run_folder.h"
#include "serve/thin.h"

namespace forger {
namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;
using std::chrono::steady_clock;

/// Rows that one event tells of at most.
constexpr int64_t kRowsOfEvent = 200;
/// How long after the last question about it a run's steps are kept in memory.
constexpr auto kKeptOpen = std::chrono::minutes(5);

std::string time_text(std::time_t time) { return fmt::format("{:%FT%TZ}", fmt::gmtime(time)); }

/// When the run was last written to.
std::optional<std::string> time_changed(const RunFolder& run) {
  std::optional<fs::file_time_type> newest;
  for (const auto& file : {run.config(), run.steps(), run.verdicts(), run.log(), run.model()}) {
    std::error_code missing;
    const auto time = fs::last_write_time(file, missing);
    if (!missing && (!newest || time > *newest)) newest = time;
  }
  if (!newest) return std::nullopt;
  const auto since_then = fs::file_time_type::clock::now() - *newest;
  const auto then = std::chrono::system_clock::now() - std::chrono::duration_cast<std::chrono::seconds>(since_then);
  return time_text(std::chrono::system_clock::to_time_t(then));
}

/// How a state strikes a person: "good", "mid" or "bad".
const char* mood(State state) {
  if (is_sick(state)) return "bad";
  const bool is_open = state == State::warming_up || state == State::undecided || state == State::not_judged;
  return is_open ? "mid" : "good";
}

/// The best samples so far: by their distance to the data, or to the truth where images have one of their own.
ordered_json best_of(const Columns& checks) {
  const auto *kid = checks.find("kid"), *truth = checks.find("truth_psnr_db");
  const auto *works = checks.find("features_work"), *finite = checks.find("finite");
  const auto better = [&](int64_t row, int64_t than, const std::vector<double>& values, bool less) {
    const double value = values[row];
    if (std::isnan(value)) return false;
    return than < 0 || (less ? value < values[than] : value > values[than]);
  };
  int64_t best = -1;
  const bool by_truth = kid == nullptr || std::ranges::all_of(*kid, [](double value) { return std::isnan(value); });
  const auto* values = by_truth ? truth : kid;
  if (values == nullptr) return nullptr;
  for (int64_t row = 0; row < checks.rows(); ++row) {
    const bool counts = by_truth || (works && (*works)[row] == 1 && finite && (*finite)[row] == 1);
    if (counts && better(row, best, *values, !by_truth)) best = row;
  }
  if (best < 0) return nullptr;
  return {{"measure", by_truth ? "truth_psnr_db" : "kid"}, {"value", (*values)[best]}, {"step", checks.steps()[best]}};
}

/// Where the images of a sample picture lie.
ordered_json grid_of(const Config& config) {
  const auto& data = config.data;
  if (data.size.size() != 2 || data.channels <= 0 || (data.size[0] == 1 && data.size[1] == 1)) return nullptr;
  const auto kind = game_named(config.game).data;
  std::vector<std::string> columns;
  if (kind == DataKind::degraded || kind == DataKind::pairs) columns = {"source", "made", "truth"};
  if (kind == DataKind::sides) columns = {"source", "made"};
  if (goes_both_ways(config)) columns.emplace_back("back");
  const auto across = static_cast<int64_t>(std::max<size_t>(columns.size(), 1));
  const int64_t factor = enlargement(data.size[0], data.size[1] * across);
  return {{"cell", {data.size[1] * across * factor, data.size[0] * factor}},
          {"gap", kGridGapPx},
          {"kinds", columns.empty() ? ordered_json(nullptr) : ordered_json(columns)}};
}

ordered_json rows_json(const Columns& columns, const std::vector<std::string>& names, int64_t first, int64_t end,
                       int64_t most, bool whole_rows = false) {
  std::vector<const std::vector<double>*> chosen;
  for (const auto& name : names) chosen.push_back(columns.find(name));
  const auto rows = thinned(columns.steps(), chosen, first, end, most, whole_rows);
  ordered_json series = ordered_json::object();
  for (size_t i = 0; i < names.size(); ++i) {
    auto& numbers = series[names[i]] = ordered_json::array();
    for (const double value : rows.columns[i]) numbers.push_back(json_number(value));
  }
  return {{"thinned", rows.thinned}, {"steps", rows.steps}, {"series", std::move(series)}};
}

/// Whether the run is on points of the plane and has numbers of them, or may come to have them.
bool shows_points(const Config& config, const RunFolder& run, bool has_previews) {
  if (config.data.size != std::vector<int64_t>{1, 1} || config.data.channels != 2) return false;
  return !has_previews || fs::is_regular_file(run.real_points());
}

std::optional<fs::path> if_there(fs::path file) {
  std::error_code missing;
  if (!fs::is_regular_file(file, missing)) return std::nullopt;
  return file;
}

ordered_json parsed(const std::string& line) { return ordered_json::parse(line, nullptr, /*allow_exceptions=*/false); }

}  // namespace

WatchedRun::WatchedRun(std::string id, fs::path folder, std::string name)
    : id_(std::move(id)),
      folder_(std::move(folder)),
      name_(std::move(name)),
      steps_file_(RunFolder::at(folder_).steps()),
      verdicts_file_(RunFolder::at(folder_).verdicts()),
      checks_file_(RunFolder::at(folder_).metrics()) {}

void WatchedRun::look() {
  const std::lock_guard lock(mutex_);
  read_all();
  auto summary = make_summary();
  if (summary == summary_) return;
  summary_ = std::move(summary);
  events_.add("run", json_text(summary_));
}

void WatchedRun::read_all() {
  if (gone_) return;
  if (!RunFolder::is_run(folder_)) {
    gone_ = true;
    events_.add("gone", "{}");
    return;
  }
  errors_.clear();
  open_ = is_open();
  // One damaged file does not hide the others.
  const auto attempt = [this](const std::function<void()>& read) {
    try {
      read();
    } catch (const std::exception& error) {
      errors_.emplace_back(error.what());
    }
  };
  attempt([this] { training_ = FolderLock::is_held(RunFolder::at(folder_).lock_file()); });
  attempt([this] { read_config(); });
  attempt([this] { read_verdicts(); });
  attempt([this] { follow(checks_file_, checks_, "checks"); });
  attempt([this] { read_steps(); });
  attempt([this] { read_previews(); });
}

void WatchedRun::read_config() {
  const auto run = RunFolder::at(folder_);
  const auto time = fs::last_write_time(run.config());
  if (config_ && time == config_time_) return;
  config_text_ = read_file(run.config());
  config_ = Config::from_file(run.config());
  config_time_ = time;
  std::error_code missing;
  if (!fs::is_regular_file(run.build(), missing)) return;
  const auto build = parsed(read_file(run.build()));
  if (build.is_object() && build.contains("started") && build["started"].is_string()) {
    started_ = build["started"].get<std::string>();
  }
}

void WatchedRun::read_verdicts() {
  verdicts_file_.read(
      [this](const std::string& line) {
        if (!forger::verdict_in(line)) return false;
        verdicts_.push_back(line);
        events_.add("verdict", line);
        return true;
      },
      [this] { verdicts_.clear(); });
}

void WatchedRun::follow(JournalFollower& file, Columns& columns, const char* event) {
  int64_t first = columns.rows();
  file.read([&](const std::string& line) { return columns.append(line); },
            [&] {
              columns.clear();
              first = 0;
              events_.add("again", "{}");
            });
  if (columns.rows() > first && open_) {
    events_.add(event, rows_json(columns, columns.names(), first, columns.rows(), kRowsOfEvent).dump());
  }
}

void WatchedRun::read_steps() {
  if (open_) return follow(steps_file_, steps_, "steps");
  if (steps_.rows() > 0) {
    steps_ = Columns();
    steps_file_ = JournalFollower(steps_file_.path());
    steps_size_ = 0;
  }
  std::error_code missing;
  const auto size = fs::file_size(steps_file_.path(), missing);
  if (missing || size == steps_size_) return;
  steps_size_ = size;
  last_step_ = last_line(steps_file_.path()).value_or("");
}

void WatchedRun::read_previews() {
  if (!open_) return;
  std::vector<int64_t> now;
  for (const auto& [step, file] : RunFolder::at(folder_).previews_made()) now.push_back(step);
  for (const int64_t step : now) {
    if (!std::ranges::binary_search(previews_, step)) events_.add("preview", fmt::format("{{\"step\":{}}}", step));
  }
  previews_ = std::move(now);
}

bool WatchedRun::is_gone() const {
  const std::lock_guard lock(mutex_);
  return gone_;
}

ordered_json WatchedRun::make_summary() const {
  Columns last;
  if (!open_ && !last_step_.empty()) last.append(last_step_);
  const Columns& steps = open_ ? steps_ : last;
  ordered_json json{{"id", id_}, {"name", printable(name_)}};
  json["recipe"] = config_ ? printable(config_->recipe) : "";
  json["game"] = config_ ? config_->game : "";
  json["data"] = config_ ? printable(config_->data.source) : "";
  json["shape"] = nullptr;
  if (config_ && config_->data.size.size() == 2) {
    json["shape"] = {config_->data.channels, config_->data.size[0], config_->data.size[1]};
  }
  json["started"] = started_.empty() ? ordered_json(nullptr) : ordered_json(started_);
  const auto changed = gone_ ? std::nullopt : time_changed(RunFolder::at(folder_));
  json["changed"] = changed ? ordered_json(*changed) : ordered_json(nullptr);
  json["training"] = training_ && !gone_;
  json["step"] = steps.rows() > 0 ? steps.steps().back() : 0;
  for (const char* name : {"images", "seconds", "images_per_second"}) json[name] = json_number(steps.last(name));
  const auto verdict = verdicts_.empty() ? std::nullopt : forger::verdict_in(verdicts_.back());
  json["state"] = verdict ? ordered_json(state_name(verdict->state)) : ordered_json(nullptr);
  json["mood"] = verdict ? ordered_json(mood(verdict->state)) : ordered_json(nullptr);
  json["sentence"] = verdict ? ordered_json(verdict->sentence) : ordered_json(nullptr);
  json["best"] = best_of(checks_);
  std::vector<std::string> notes;
  if (gone_) notes.emplace_back("the folder is gone");
  for (const auto& error : errors_) notes.push_back(printable(error));
  for (const auto* file : {&steps_file_, &checks_file_, &verdicts_file_}) {
    if (file->unreadable() == 0) continue;
    notes.push_back(
        fmt::format("{}: {} damaged lines were passed over", file->path().filename().string(), file->unreadable()));
  }
  json["note"] = notes.empty() ? ordered_json(nullptr) : ordered_json(fmt::format("{}", fmt::join(notes, "; ")));
  return json;
}

ordered_json WatchedRun::summary() const {
  const std::lock_guard lock(mutex_);
  return summary_;
}

std::vector<ordered_json> WatchedRun::verdicts_in(const std::string& language) const {
  std::vector<ordered_json> verdicts;
  std::vector<Check> checks;
  // The journal is in English; what was measured says it in another language, unless that is damaged.
  bool anew = language != "en" && config_;
  try {
    if (anew) checks = forger::read_checks(RunFolder::at(folder_));
  } catch (const Error&) {
    anew = false;
  }
  for (const auto& line : verdicts_) {
    if (!anew) {
      verdicts.push_back(parsed(line));
      continue;
    }
    const auto said = forger::verdict_in(line);
    std::vector<Check> before;
    for (const auto& check : checks) {
      if (check.step <= said->step) before.push_back(check);
    }
    verdicts.push_back(parsed(to_json(say_again(*said, present_game(before), *config_, Texts::in(language)))));
  }
  return verdicts;
}

ordered_json WatchedRun::about(const std::string& language) {
  keep_open();
  look();
  const std::lock_guard lock(mutex_);
  ordered_json json = summary_;
  json["event"] = events_.last();
  auto verdicts = verdicts_in(language);
  json["verdict"] = verdicts.empty() ? ordered_json(nullptr) : verdicts.back();
  json["verdicts"] = ordered_json::array();
  for (auto& verdict : verdicts) {
    for (const char* long_one : {"evidence", "remedies"}) verdict.erase(long_one);
    verdict["mood"] = mood(state_from_name(verdict["state"].get<std::string>()));
    json["verdicts"].push_back(std::move(verdict));
  }
  json["series"] = ordered_json::array();
  for (const auto& name : steps_.names()) json["series"].push_back({{"name", name}, {"journal", "steps"}});
  for (const auto& name : checks_.names()) json["series"].push_back({{"name", name}, {"journal", "checks"}});
  json["previews"] = previews_;
  json["real"] = fs::is_regular_file(RunFolder::at(folder_).real_preview());
  json["grid"] = config_ ? grid_of(*config_) : ordered_json(nullptr);
  json["points"] = config_ && shows_points(*config_, RunFolder::at(folder_), !previews_.empty());
  json["settings"] = config_text_;
  return json;
}

ordered_json WatchedRun::series(const SeriesQuery& query) {
  keep_open();
  look();
  const std::lock_guard lock(mutex_);
  if (query.journal != "steps" && query.journal != "checks") {
    fail("journal: received {}, accepted: steps, checks", for_message(query.journal));
  }
  const Columns& columns = query.journal == "steps" ? steps_ : checks_;
  for (const auto& name : query.names) {
    if (columns.find(name) == nullptr)
      fail("names: received {}, accepted: those of the run's series", for_message(name));
  }
  const auto [first, end] = columns.rows_between(query.from, query.to);
  auto json = rows_json(columns, query.names, first, end, query.points, query.whole_rows);
  json["first"] = columns.rows() > 0 ? columns.steps().front() : 0;
  json["last"] = columns.rows() > 0 ? columns.steps().back() : 0;
  return json;
}

std::optional<fs::path> WatchedRun::picture(int64_t step) const {
  const auto run = RunFolder::at(folder_);
  return if_there(step < 0 ? run.real_preview() : run.preview(step));
}

std::optional<fs::path> WatchedRun::points(int64_t step) const {
  const auto run = RunFolder::at(folder_);
  return if_there(step < 0 ? run.real_points() : run.preview_points(step));
}

std::optional<fs::path> WatchedRun::model() const { return if_there(RunFolder::at(folder_).model()); }

void WatchedRun::keep_open() { asked_ = steady_clock::now().time_since_epoch().count(); }

bool WatchedRun::is_open() const {
  const auto asked = asked_.load();
  return asked != kNever && steady_clock::now().time_since_epoch() - steady_clock::duration(asked) < kKeptOpen;
}

}  // namespace forger
