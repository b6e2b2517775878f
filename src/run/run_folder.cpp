#include "run/run_folder.h"

#include <algorithm>
#include <cctype>
#include <charconv>

#include "core/fail.h"
#include "core/json.h"
#include "data/source.h"

namespace forger {
namespace {

namespace fs = std::filesystem;

/// "fashion-mnist" of "/usr/share/datasets/fashion-mnist/", "shapes" of "synthetic:shapes".
std::string short_name(std::string source) {
  while (source.size() > 1 && source.ends_with('/')) source.pop_back();
  if (const auto colon = source.find(':'); colon != std::string::npos) source = source.substr(colon + 1);
  std::string name = fs::path(source).stem().string();
  std::replace_if(name.begin(), name.end(), [](unsigned char c) { return !std::isalnum(c) && c != '_'; }, '-');
  return name.empty() ? "data" : name.substr(0, 40);
}

/// Where the training began, as build.json says it; empty when it does not.
fs::path starting_folder(const fs::path& build) {
  if (!fs::is_regular_file(build)) return {};
  const auto json = nlohmann::ordered_json::parse(read_file(build), nullptr, /*allow_exceptions=*/false);
  return json.is_object() && json.contains("folder") && json["folder"].is_string() ? json["folder"].get<std::string>()
                                                                                   : std::string();
}

}  // namespace

RunFolder RunFolder::create(const fs::path& path, const Config& config) {
  if (is_run(path)) {
    fail("run: received {}, which already holds a run; accepted: a new folder, or resume, which goes on with it",
         path.string());
  }
  std::error_code error;
  if (fs::exists(path) && !fs::is_empty(path, error)) {
    fail("run: received {}, which exists and is not an empty folder; accepted: a new folder", path.string());
  }
  RunFolder run(path);
  make_folder(path);
  run.lock();
  make_folder(run.checkpoints());
  make_folder(run.previews());
  write_file_atomically(run.config(), config.to_toml());
  return run;
}

RunFolder RunFolder::open_to_train(const fs::path& path) {
  RunFolder run = open(path);
  run.lock();
  return run;
}

RunFolder RunFolder::open(const fs::path& path) {
  if (!fs::exists(path)) fail("run: received {}, which does not exist; accepted: a run folder", path.string());
  if (!is_run(path)) fail("run: received {}, which has no config.toml; accepted: a run folder", path.string());
  return RunFolder(path);
}

bool RunFolder::is_run(const fs::path& path) {
  std::error_code unknown;
  return fs::is_regular_file(path / "config.toml", unknown);
}

fs::path RunFolder::next_name(const Config& config) {
  int64_t number = 0;
  const fs::path parent = "runs";
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(parent, error)) {
    const std::string name = entry.path().filename().string();
    const auto digits = name.find_first_not_of("0123456789");
    if (digits == std::string::npos || digits == 0 || digits > 9) continue;
    number = std::max(number, static_cast<int64_t>(std::stoll(name.substr(0, digits))));
  }
  return parent / fmt::format("{:03}-{}-{}", number + 1, short_name(config.recipe), short_name(config.data.source));
}

std::string RunFolder::data_source(const Config& config, const std::string& option) const {
  const std::string& source = config.data.source;
  const fs::path began = starting_folder(build());
  std::error_code unknown;
  if (!began.empty() && !fs::equivalent(began, fs::current_path(), unknown)) {
    auto there = source_from(began, source);
    if (source_exists(there)) return there;
  }
  if (source_exists(source)) return source;
  const auto here = source_from(fs::current_path(), source), there = began.empty() ? here : source_from(began, source);
  fail("data.source: {}, the data of {}, does not exist{}; accepted: its new place by option {}",
       there == here ? source : there, path_.string(), there == here ? "" : fmt::format(", nor does {}", here), option);
}

fs::path RunFolder::checkpoint(int64_t step) const { return checkpoints() / fmt::format("{:08}.safetensors", step); }

fs::path RunFolder::preview(int64_t step) const { return previews() / fmt::format("{:08}.png", step); }

fs::path RunFolder::preview_points(int64_t step) const { return previews() / fmt::format("{:08}.json", step); }

std::vector<std::pair<int64_t, fs::path>> RunFolder::previews_made() const {
  std::vector<std::pair<int64_t, fs::path>> made;
  std::error_code none_yet;
  for (const auto& entry : fs::directory_iterator(previews(), none_yet)) {
    const std::string name = entry.path().stem().string();
    const char* end = name.data() + name.size();
    int64_t step = 0;
    const auto [read_to, error] = std::from_chars(name.data(), end, step);
    if (error == std::errc() && read_to == end && entry.path().extension() == ".png")
      made.emplace_back(step, entry.path());
  }
  std::ranges::sort(made);
  return made;
}

void RunFolder::lock() {
  lock_ = std::make_unique<FolderLock>(lock_file());
  if (!lock_->held()) fail("{} is locked: another process is training in it", path_.string());
}

}  // namespace forger
