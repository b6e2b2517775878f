#include "commands/upscale_plan.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <optional>
#include <set>

#include "core/fail.h"
#include "core/files.h"
#include "core/text.h"

namespace forger::commands {
namespace {

namespace fs = std::filesystem;

constexpr std::array kFormats = {std::pair("png", ImageFormat::png), std::pair("jpg", ImageFormat::jpeg),
                                 std::pair("webp", ImageFormat::webp)};

std::string ending_of(ImageFormat format) {
  for (const auto& [name, known] : kFormats) {
    if (known == format) return std::string(".") + name;
  }
  return "";
}

std::string lower_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

/// Below the folder that was named, whatever an archive calls what it holds.
fs::path safe_place(const std::string& place) {
  const fs::path normal = fs::path(place).lexically_normal();
  const bool leads_out = normal.is_absolute() || (!normal.empty() && *normal.begin() == "..");
  return leads_out ? normal.filename() : normal;
}

std::string with_number(const std::string& stem, int number) {
  return number == 1 ? stem : fmt::format("{}-{}", stem, number);
}

/// Names below --out, each once.
class Places {
 public:
  Places(const fs::path& folder, const std::string& suffix) : folder_(folder), suffix_(suffix) {}

  /// `inner`: in front of the suffix.
  fs::path next(const fs::path& place, const std::string& ending, const std::string& inner = "") {
    const bool has_ending = format_of_extension(place.string()) || is_video(place);
    const std::string stem = (has_ending ? place.stem() : place.filename()).string();
    const std::string end = inner + suffix_ + ending;
    for (int number = 1;; ++number) {
      const auto name = shortened_name(with_number(stem, number), kLongestName - end.size()) + end;
      if (const auto out = folder_ / place.parent_path() / name; taken_.insert(out).second) return out;
    }
  }

 private:
  fs::path folder_;
  std::string suffix_;
  std::set<fs::path> taken_;
};

fs::path whole_path(const fs::path& path) {
  std::error_code unknown;
  const auto whole = fs::weakly_canonical(fs::absolute(path), unknown);
  return unknown ? fs::absolute(path) : whole;
}

/// A single input may name its output; else --out is a folder.
bool is_file_name(const std::string& out, bool is_video_asked) {
  std::error_code unknown;
  if (fs::is_directory(out, unknown) || out.ends_with('/')) return false;
  return is_video_asked ? fs::path(out).has_extension() : format_of_extension(out).has_value();
}

ImageFormat format_for(const UpscaleTarget& target, const std::optional<ImageFormat>& of_file) {
  std::optional<ImageFormat> asked;
  for (const auto& [name, format] : kFormats) {
    if (target.format == name) asked = format;
  }
  if (asked && of_file && *asked != *of_file) {
    fail("--format: received {}, but --out is {}, accepted: names and formats that agree", target.format, target.out);
  }
  return of_file.value_or(asked.value_or(ImageFormat::png));
}

/// Refuses what would overwrite an input; an input that this call would make of another with its suffix is left out.
void keep_inputs(UpscalePlan& plan, const UpscaleTarget& target) {
  std::map<fs::path, const UpscalePlan::Step*> inputs;
  for (const auto& step : plan.steps) inputs[whole_path(step.name)] = &step;
  std::set<std::string> made_before;
  for (const auto& step : plan.steps) {
    const auto found = inputs.find(whole_path(step.out));
    if (found == inputs.end()) continue;
    if (found->second == &step || target.suffix.empty()) {
      fail("--out: received {}, where {} would overwrite the input {}, accepted: another folder or name, or --suffix",
           target.out, step.out.string(), found->second->name);
    }
    made_before.insert(found->second->name);
  }
  plan.made_before = static_cast<int64_t>(made_before.size());
  std::erase_if(plan.steps, [&](const auto& step) { return made_before.contains(step.name); });
}

}  // namespace

bool is_video(const fs::path& file) {
  constexpr std::array kEndings = {".mp4", ".mkv", ".mov", ".webm", ".avi", ".m4v", ".mpg", ".mpeg", ".ts", ".gif"};
  const auto ending = lower_case(file.extension().string());
  return std::find(kEndings.begin(), kEndings.end(), ending) != kEndings.end();
}

UpscalePlan plan_upscale(const Inputs* pictures, const std::vector<std::string>& videos, const UpscaleTarget& target) {
  UpscalePlan plan;
  const int64_t count = pictures ? pictures->size() : 0;
  const bool is_single = count + static_cast<int64_t>(videos.size()) == 1;
  const bool is_file = is_single && target.count == 1 && is_file_name(target.out, count == 0);
  plan.format = format_for(target, is_file && count == 1 ? format_of_extension(target.out) : std::nullopt);
  Places places(target.out, target.suffix);
  const auto out_of = [&](const fs::path& place, const std::string& ending, const std::string& inner = "") {
    return is_file ? fs::path(target.out) : places.next(place, ending, inner);
  };
  for (int64_t i = 0; i < count * target.count; ++i) {
    const int64_t picture = i / target.count, number = i % target.count;
    const auto inner = target.count > 1 ? fmt::format("_{}", number + 1) : "";
    const auto out = out_of(safe_place(pictures->place(picture)), ending_of(plan.format), inner);
    plan.steps.push_back({pictures->name(picture), picture, out, number});
  }
  for (const auto& video : videos) {
    const fs::path place = fs::path(video).filename();
    const auto ending = lower_case(place.extension().string());
    plan.steps.push_back({video, -1, out_of(place, ending == ".mpg" || ending == ".mpeg" ? ".mp4" : ending), 0});
  }
  keep_inputs(plan, target);
  return plan;
}

}  // namespace forger::commands
