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
#include "core/fail.h"
#include "core/files.h"
#include "core/json.h"
#include "core/text.h"
#include "core/utf8.h"
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

std::string map_of(const ImageIn& image) { return image.out.string() + "-map.png"; }

/// What the images of a call have shown.
class Findings {
 public:
  Findings(const Model& model, const DetectArguments& arguments)
      : arguments_(arguments), info_(model.info()),
        threshold_(arguments.threshold ? *arguments.threshold : model.score_threshold(arguments.false_alarms)),
        map_threshold_(model.map_threshold(arguments.false_alarms)) {}

  double map_threshold() const { return map_threshold_; }

  void add_tiled() { ++tiled_; }

  void add(const ImageIn& image, double score, double p_normal) {
    const bool anomaly = score > threshold_;
    const char* verdict = anomaly ? "anomaly" : "normal";
    rows_ += fmt::format("{},{:.4f},{:.6g},{}\n", csv_field(image.name), score, p_normal, verdict);
    images_.push_back({{"file", image.name}, {"score", score}, {"p_normal", p_normal}, {"verdict", verdict}});
    if (!arguments_.scores_only) images_.back()["map"] = map_of(image);
    anomalies_ += anomaly;
  }

  void finish() const {
    const auto table = fs::path(arguments_.out) / "scores.csv";
    write_file_atomically(table, rows_);
    if (arguments_.json) {
      const ordered_json rate = arguments_.threshold ? ordered_json() : ordered_json(arguments_.false_alarms);
      const ordered_json json{
          {"threshold", threshold_}, {"false_alarms", rate}, {"map_threshold", map_threshold_}, {"images", images_}};
      fmt::print("{}\n", json_text(json));
      return;
    }
    fmt::print("{} of {} images are anomalies (score above {:.3f}{})\n", anomalies_, images_.size(), threshold_,
               arguments_.threshold ? std::string()
                                    : fmt::format(", which {:g} % of normal images exceed", 100 * arguments_.false_alarms));
    if (tiled_ > 0) {
      fmt::print("{} of them, larger than the model's {}x{}, looked at in tiles; whole with --resize\n", tiled_, info_.height_px,
                 info_.width_px);
    }
    fmt::print("scores in {}{}\n", printable(table.string()),
               arguments_.scores_only ? "" : "; of each image a heat map (-overlay.png) and a raw map (-map.png) beside it");
  }

 private:
  const DetectArguments& arguments_;
  const ModelInfo& info_;
  double threshold_, map_threshold_;
  std::string rows_ = "file,score,p_normal,verdict\n";
  ordered_json images_ = ordered_json::array();
  int64_t anomalies_ = 0, tiled_ = 0;
};

/// Only the score of an image.
class ScoreReporter : public Inspector::Reporter {
 public:
  ScoreReporter(Findings& findings, ImageIn image) : findings_(findings), image_(std::move(image)) {}
  void row(const uint8_t*, const float*) override {}
  void done(double score, double p_normal) override { findings_.add(image_, score, p_normal); }

 protected:
  Findings& findings_;
  ImageIn image_;
};

/// Its maps besides, written as they come.
class MapReporter : public ScoreReporter {
 public:
  MapReporter(Findings& findings, ImageIn image, const RowReader& rows)
      : ScoreReporter(findings, std::move(image)), height_(rows.height()), channels_(rows.channels()),
        colors_(1, rows.width(), 3), levels_(static_cast<size_t>(rows.width())) {}

  void row(const uint8_t* image, const float* map) override {
    // No file is open before its image's turn: there may be many images.
    if (!overlay_) {
      overlay_.emplace(image_.out.string() + "-overlay.png", height_, colors_.width, 3);
      map_.emplace(map_of(image_), height_, colors_.width, 1, 16);
    }
    Pixels original(1, colors_.width, channels_);
    std::copy_n(image, original.values.size(), original.values.begin());
    colors_ = to_channels(std::move(original), 3);
    for (int64_t x = 0; x < colors_.width; ++x) {
      levels_[static_cast<size_t>(x)] = level_of(map[x]);
      heat(colors_.values.data() + 3 * x, map[x]);
    }
    overlay_->write_row(colors_.values.data());
    map_->write_row(levels_.data());
  }

  void done(double score, double p_normal) override {
    overlay_->finish();
    map_->finish();
    ScoreReporter::done(score, p_normal);
  }

 private:
  static uint16_t level_of(double strange) {
    return static_cast<uint16_t>(std::clamp(std::round(strange * kMapScale), 0.0, kMostLevel));
  }
  /// Yellow where a map crosses its threshold, red from twice that on, see-through below half of it.
  void heat(uint8_t* color, double strange) const {
    const double heat = std::clamp(strange / findings_.map_threshold(), 0.0, 2.0);
    const double cover = 0.75 * std::clamp(2 * heat - 1, 0.0, 1.0);
    const double hot[3] = {255, 255 * std::clamp(2 - heat, 0.0, 1.0), 0};
    for (size_t c = 0; c < 3; ++c) {
      color[c] = static_cast<uint8_t>(std::lround((1 - cover) * color[c] + cover * hot[c]));
    }
  }

  int64_t height_, channels_;
  Pixels colors_;
  std::vector<uint16_t> levels_;
  std::optional<PngWriter> overlay_, map_;
};

int detect_command(const DetectArguments& arguments) {
  if (arguments.threshold && !std::isfinite(*arguments.threshold)) {
    fail("--threshold: received {}, accepted: a number", *arguments.threshold);
  }
  if (std::isnan(arguments.false_alarms)) fail("--false-alarms: received nan, accepted: 0.000001 to 0.999");
  const Model model = Model::load(arguments.model, arguments.device);
  const auto& info = model.info();
  Findings findings(model, arguments);
  Inspector inspector(model);
  const int code = for_each_input(arguments, info, [&](const Inputs& inputs, int64_t index, ImageIn image) {
    const auto rows =
        as_image_error([&] { return to_inspect(inputs.open(index), info, image.name, arguments.resize); });
    std::unique_ptr<Inspector::Reporter> reporter;
    if (arguments.scores_only) {
      reporter = std::make_unique<ScoreReporter>(findings, std::move(image));
    } else {
      reporter = std::make_unique<MapReporter>(findings, std::move(image), *rows);
    }
    inspector.add(*rows, std::move(reporter));
    if (rows->height() > info.height_px || rows->width() > info.width_px) findings.add_tiled();
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
