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
#include "commands/output.h"
#include "commands/processes.h"
#include "core/fail.h"
#include "core/files.h"
#include "core/json.h"
#include "core/text.h"
#include "core/utf8.h"
#include "forger/model.h"
#include "image/heat.h"
#include "image/png.h"

namespace forger::commands {
namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

/// Grey levels of a raw map for a standard deviation; the largest level stands for 65.5 or more.
constexpr double kMapScale = 1000, kMostLevel = 65535;
constexpr const char *kScores = "scores.csv", *kLongestEnding = "-overlay.png";

struct DetectArguments : ImagesInArguments {
  std::optional<double> threshold;
  double false_alarms = 0.01;
  DetectOptions options;
  bool scores_only = false;
  bool json = false;
  int64_t processes = 1;
};

/// The scores from which on an image, and a place in a map, is strange.
struct Thresholds {
  double score, map;
};

/// What the images of a call have shown.
class Findings {
 public:
  Findings(ImagesCall& call, const DetectArguments& arguments, const ModelInfo& info, Thresholds thresholds)
      : call_(call), arguments_(arguments), info_(info), thresholds_(thresholds) {
    call.on_result([this](const nlohmann::json& found) { take(found); });
    if (!call.leads()) return;
    table_.reset(new AppendFile(call.table(kScores)));
    table_->append(arguments.scores_only ? "file,score,p_normal,verdict\n"
                                         : "file,score,p_normal,verdict,overlay,map\n");
  }

  ImagesCall& call() { return call_; }
  double map_threshold() const { return thresholds_.map; }

  /// `overlay` and `map`: the files that were written; empty: none.
  void add(const ImageIn& image, bool is_tiled, double score, double p_normal, const fs::path& overlay,
           const fs::path& map) {
    call_.add_result(image, {{"name", image.name},
                             {"tiled", is_tiled},
                             {"score", score},
                             {"p_normal", p_normal},
                             {"overlay", overlay.string()},
                             {"map", map.string()}});
  }

  void finish() {
    table_->close();
    if (arguments_.json) {
      const ordered_json rate = arguments_.threshold ? ordered_json() : ordered_json(arguments_.false_alarms);
      const ordered_json all{{"threshold", thresholds_.score},
                             {"false_alarms", rate},
                             {"map_threshold", thresholds_.map},
                             {"images", list_}};
      print("{}\n", json_text(all));
      return;
    }
    print("{} of {} images are anomalies (score above {:.3f}{})\n", anomalies_, images_, thresholds_.score,
          arguments_.threshold ? std::string()
                               : fmt::format(", which {:g} % of normal images exceed", 100 * arguments_.false_alarms));
    if (tiled_ > 0) {
      print("{} of them, larger than the model's {}x{}, looked at in tiles; whole with --resize\n", tiled_,
            info_.height_px, info_.width_px);
    }
    print("scores in {}{}\n", printable((fs::path(arguments_.out) / kScores).string()),
          arguments_.scores_only ? "" : "; of each image a heat map (-overlay.png) and a raw map (-map.png) beside it");
  }

 private:
  /// What was added of an image, in the order of the images.
  void take(const nlohmann::json& found) {
    const std::string name = found["name"];
    const double score = found["score"], p_normal = found["p_normal"];
    const bool anomaly = score > thresholds_.score;
    const char* verdict = anomaly ? "anomaly" : "normal";
    std::string row = fmt::format("{},{:.4f},{:.6g},{}", csv_field(name), score, p_normal, verdict);
    ordered_json entry{{"file", name}, {"score", score}, {"p_normal", p_normal}, {"verdict", verdict}};
    for (const char* key : {"overlay", "map"}) {
      if (arguments_.scores_only) break;
      const fs::path file = found[key].get<std::string>();
      row += "," + csv_field(file.filename().string());
      if (!file.empty()) entry[key] = file.string();
    }
    table_->append(row + "\n");
    ++images_;
    if (arguments_.json) list_.push_back(std::move(entry));
    anomalies_ += anomaly;
    tiled_ += found["tiled"].get<bool>();
  }

  ImagesCall& call_;
  const DetectArguments& arguments_;
  const ModelInfo& info_;
  Thresholds thresholds_;
  std::unique_ptr<AppendFile> table_;  // null unless this process leads
  ordered_json list_ = ordered_json::array();
  int64_t images_ = 0, anomalies_ = 0, tiled_ = 0;
};

/// Only the score of an image.
class ScoreReporter : public Inspector::Reporter {
 public:
  ScoreReporter(Findings& findings, ImageIn image, bool is_tiled)
      : findings_(findings), image_(std::move(image)), is_tiled_(is_tiled) {}
  void row(const uint8_t*, const float*) override {}
  void done(double score, double p_normal) override { findings_.add(image_, is_tiled_, score, p_normal, {}, {}); }

 protected:
  Findings& findings_;
  ImageIn image_;
  bool is_tiled_;
};

/// A picture of an image's map, written row by row where it can be.
class MapPicture {
 public:
  MapPicture(fs::path path, int64_t height, int64_t width, int64_t channels, int bit_depth)
      : path_(std::move(path)), height_(height), width_(width), channels_(channels), bit_depth_(bit_depth) {}

  void write_row(ImagesCall& call, const ImageIn& image, const void* row) {
    if (failed_) return;
    failed_ = !call.try_write(image, [&] {
      // No file is open before its image's turn: there may be many images.
      if (!writer_) writer_.emplace(path_, PictureShape{height_, width_, channels_, bit_depth_});
      writer_->write_row(row);
    });
    if (failed_) writer_.reset();
  }

  /// After the last row. The file, or an empty path where it could not be written.
  fs::path finish(ImagesCall& call, const ImageIn& image) {
    if (!failed_) failed_ = !call.try_write(image, [&] { writer_->finish(); });
    writer_.reset();
    return failed_ ? fs::path() : path_;
  }

 private:
  fs::path path_;
  int64_t height_, width_, channels_;
  int bit_depth_;
  std::optional<PngWriter> writer_;
  bool failed_ = false;
};

/// Its maps besides, written as they come.
class MapReporter : public ScoreReporter {
 public:
  MapReporter(Findings& findings, ImageIn image, bool is_tiled, const RowReader& rows)
      : ScoreReporter(findings, std::move(image), is_tiled),
        channels_(rows.channels()),
        colors_(1, rows.width(), 3),
        levels_(static_cast<size_t>(rows.width())),
        overlay_(image_.out.string() + kLongestEnding, rows.height(), rows.width(), 3, 8),
        map_(image_.out.string() + "-map.png", rows.height(), rows.width(), 1, 16) {}

  void row(const uint8_t* image, const float* map) override {
    Pixels original(1, colors_.width, channels_);
    std::copy_n(image, original.values.size(), original.values.begin());
    colors_ = to_channels(std::move(original), 3);
    for (int64_t x = 0; x < colors_.width; ++x) {
      levels_[static_cast<size_t>(x)] = level_of(map[x]);
      lay_heat(colors_.values.data() + 3 * x, map[x] / findings_.map_threshold());
    }
    overlay_.write_row(findings_.call(), image_, colors_.values.data());
    map_.write_row(findings_.call(), image_, levels_.data());
  }

  void done(double score, double p_normal) override {
    const auto overlay = overlay_.finish(findings_.call(), image_);
    const auto map = map_.finish(findings_.call(), image_);
    findings_.add(image_, is_tiled_, score, p_normal, overlay, map);
  }

 private:
  static uint16_t level_of(double strange) {
    return static_cast<uint16_t>(std::clamp(std::round(strange * kMapScale), 0.0, kMostLevel));
  }
  int64_t channels_;
  Pixels colors_;
  std::vector<uint16_t> levels_;
  MapPicture overlay_, map_;
};

void check_thresholds(const DetectArguments& arguments) {
  if (arguments.threshold && !std::isfinite(*arguments.threshold)) {
    fail("--threshold: received {}, accepted: a number", *arguments.threshold);
  }
  if (std::isnan(arguments.false_alarms)) fail("--false-alarms: received nan, accepted: 0.000001 to 0.999");
}

int detect_command(const DetectArguments& arguments, const std::shared_ptr<Team>& team) {
  const Model model = Model::load(arguments.model, arguments.device);
  const auto& info = model.info();
  const Thresholds thresholds{
      arguments.threshold ? *arguments.threshold : model.score_threshold(arguments.false_alarms),
      model.map_threshold(arguments.false_alarms)};
  ImagesCall call(arguments, info, arguments.scores_only ? "" : kLongestEnding, team);
  Findings findings(call, arguments, info, thresholds);
  Inspector inspector(model, arguments.options);
  call.for_each_input([&](const Inputs& inputs, int64_t index, ImageIn image) {
    const auto rows =
        as_image_error([&] { return to_inspect(inputs.open(index), info, image.name, arguments.resize); });
    const bool is_tiled = rows->height() > info.height_px || rows->width() > info.width_px;
    std::unique_ptr<Inspector::Reporter> reporter;
    if (arguments.scores_only) {
      reporter = std::make_unique<ScoreReporter>(findings, std::move(image), is_tiled);
    } else {
      reporter = std::make_unique<MapReporter>(findings, std::move(image), is_tiled, *rows);
    }
    inspector.add(*rows, std::move(reporter));
  });
  inspector.finish();
  call.hear_all();
  if (call.leads()) findings.finish();
  return call.finish();
}

}  // namespace

void add_detect(Program& program) {
  auto arguments = std::make_shared<DetectArguments>();
  auto* command = program.app.add_subcommand("detect", "Tell normal images from others, and show where they differ");
  add_images_in(*command, *arguments);
  command->get_option("MODEL")->description(
      "Model file, run folder, or a detector that `forger export` wrote (.onnx; needs ONNX Runtime)");
  command->add_option("--precision", arguments->options.precision, "auto, or float32: slower, as exported models are")
      ->check(CLI::IsMember({"auto", "float32"}))
      ->capture_default_str();
  auto* threshold = command->add_option("--threshold", arguments->threshold, "Scores above it are anomalies");
  command
      ->add_option("--false-alarms", arguments->false_alarms, "Share of normal images that may be taken for anomalies")
      ->check(CLI::Range(1e-6, 0.999))
      ->excludes(threshold)
      ->capture_default_str();
  command->add_flag("--scores-only", arguments->scores_only, "Write no maps");
  command->add_flag("--json", arguments->json, "Print thresholds and every image's score as one JSON object");
  add_processes(*command, arguments->processes);
  command->callback([arguments, &program] {
    check_thresholds(*arguments);
    program.exit_code = in_processes(arguments->processes, kProcessTimeoutSeconds,
                                     [&](const auto& team) { return detect_command(*arguments, team); });
  });
}

}  // namespace forger::commands
