#include <ATen/ops/empty.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/inspector.h"
#include "commands/commands.h"
#include "commands/images_in.h"
#include "core/files.h"
#include "core/text.h"
#include "forger/model.h"
#include "image/png.h"

namespace forger::commands {
namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

/// Grey levels of a raw map for a standard deviation; the largest level stands for 65.5 or more.
constexpr double kMapScale = 1000, kMostLevel = 65535;

struct DetectArguments : ImagesInArguments {
  std::optional<double> threshold;
  double false_alarms = 0.01;
  bool scores_only = false;
  bool json = false;
};

/// Yellow where a map crosses its threshold, red from twice that on, see-through below half of it.
at::Tensor overlay(const Pixels& original, const std::vector<float>& map, double threshold) {
  Pixels picture = to_channels(original, 3);
  for (size_t i = 0; i < map.size(); ++i) {
    const double heat = std::clamp(static_cast<double>(map[i]) / threshold, 0.0, 2.0);
    const double cover = 0.75 * std::clamp(2 * heat - 1, 0.0, 1.0);
    const double color[3] = {255, 255 * std::clamp(2 - heat, 0.0, 1.0), 0};
    for (size_t c = 0; c < 3; ++c) {
      auto& value = picture.values[3 * i + c];
      value = static_cast<uint8_t>(std::lround((1 - cover) * value + cover * color[c]));
    }
  }
  return to_tensor(picture);
}

std::string raw_map(int64_t height, int64_t width, const std::vector<float>& map) {
  auto levels = at::empty({height, width}, at::kInt);
  std::transform(map.begin(), map.end(), levels.mutable_data_ptr<int32_t>(), [](double strange) {
    return static_cast<int32_t>(std::min(std::round(strange * kMapScale), kMostLevel));
  });
  return encode_png16(levels);
}

/// Writes what was found in each image.
class Findings {
 public:
  Findings(const Model& model, const DetectArguments& arguments)
      : arguments_(arguments),
        threshold_(arguments.threshold ? *arguments.threshold : model.score_threshold(arguments.false_alarms)),
        map_threshold_(model.map_threshold(arguments.false_alarms)) {}

  void add(const ImageIn& image, const Inspected& found) {
    // Several tiles raise the bar for the strangest of them, which p_normal knows and a threshold does not.
    const bool anomaly = arguments_.threshold ? found.score > threshold_ : found.p_normal <= arguments_.false_alarms;
    const char* verdict = anomaly ? "anomaly" : "normal";
    rows_ += fmt::format("{},{:.4f},{:.6g},{}\n", csv_field(image.name), found.score, found.p_normal, verdict);
    images_.push_back({{"file", image.name}, {"score", found.score}, {"p_normal", found.p_normal}, {"verdict", verdict}});
    anomalies_ += anomaly;
    if (arguments_.scores_only) return;
    const auto& original = image.original;
    write_png(image.out.string() + "-overlay.png", overlay(original, found.map, map_threshold_));
    write_file_atomically(image.out.string() + "-map.png", raw_map(original.height, original.width, found.map));
  }

  void finish() const {
    const auto table = fs::path(arguments_.out) / "scores.csv";
    write_file_atomically(table, rows_);
    if (arguments_.json) {
      const ordered_json rate = arguments_.threshold ? ordered_json() : ordered_json(arguments_.false_alarms);
      const ordered_json json{
          {"threshold", threshold_}, {"false_alarms", rate}, {"map_threshold", map_threshold_}, {"images", images_}};
      fmt::print("{}\n", json.dump());
      return;
    }
    fmt::print("{} of {} images are anomalies (score above {:.3f}{})\n", anomalies_, images_.size(), threshold_,
               arguments_.threshold ? std::string()
                                    : fmt::format(", which {:g} % of normal images exceed", 100 * arguments_.false_alarms));
    fmt::print("scores in {}{}\n", table.string(),
               arguments_.scores_only ? "" : "; of each image a heat map (-overlay.png) and a raw map (-map.png) beside it");
  }

 private:
  const DetectArguments& arguments_;
  double threshold_, map_threshold_;
  std::string rows_ = "file,score,p_normal,verdict\n";
  ordered_json images_ = ordered_json::array();
  int64_t anomalies_ = 0;
};

int detect_command(const DetectArguments& arguments) {
  const Model model = Model::load(arguments.model, arguments.device);
  const auto& info = model.info();
  Findings findings(model, arguments);
  Inspector inspector(model);
  const auto fit = [&](ImageIn& image) {
    image.original = to_inspect(std::move(image.original), info, image.name, arguments.resize);
  };
  const int code = for_each_image(arguments, info, fit, [&](ImageIn image) {
    const auto shared = std::make_shared<const ImageIn>(std::move(image));
    inspector.add(shared->original, [&findings, shared](const Inspected& found) { findings.add(*shared, found); });
  });
  inspector.finish();
  findings.finish();
  return code;
}

}  // namespace

void add_detect(Program& program) {
  auto arguments = std::make_shared<DetectArguments>();
  auto* command = program.app.add_subcommand("detect", "Tell normal images from others, and show where they differ");
  add_images_in(*command, *arguments);
  auto* threshold = command->add_option("--threshold", arguments->threshold, "Scores above it are anomalies");
  command->add_option("--false-alarms", arguments->false_alarms, "Share of normal images that may be taken for anomalies")
      ->check(CLI::Range(1e-6, 0.999))->excludes(threshold)->capture_default_str();
  command->add_flag("--scores-only", arguments->scores_only, "Write no maps");
  command->add_flag("--json", arguments->json, "Print thresholds and every image's score as one JSON object");
  command->callback([arguments, &program] { program.exit_code = detect_command(*arguments); });
}

}  // namespace forger::commands
