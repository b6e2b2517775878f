#include "run/journal.h"

#include <nlohmann/json.hpp>

#include <cmath>
#include <fstream>

#include "core/fail.h"

namespace forger {
namespace {

using nlohmann::ordered_json;

ordered_json number(double value) { return std::isfinite(value) ? ordered_json(value) : ordered_json(nullptr); }

ordered_json logits(const LogitReport& report) {
  return {{"mean", number(report.mean)}, {"spread", number(report.spread)}, {"p_real", number(report.p_real)}};
}

/// The step of a journal line, or nothing when the line is torn.
std::optional<int64_t> step_of(const std::string& line) {
  const auto json = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object() || !json.contains("step") || !json["step"].is_number_integer()) return std::nullopt;
  return json["step"].get<int64_t>();
}

}  // namespace

std::string to_json(const StepReport& report) {
  ordered_json line;
  line["step"] = report.step;
  line["images"] = report.images;
  line["seconds"] = number(report.seconds);
  line["images_per_second"] = number(report.images_per_second);
  line["step_seconds"] = number(report.step_seconds);
  line["data_wait_seconds"] = number(report.data_wait_seconds);
  for (const auto& [name, loss] : report.losses) line["losses"][name] = number(loss);
  line["logits"] = {{"real", logits(report.real)}, {"fake", logits(report.fake)}};
  for (const auto& player : report.players) {
    line["players"][player.name] = {{"learning_rate", number(player.learning_rate)},
                                    {"gradient_norm", number(player.gradient_norm)},
                                    {"weight_norm", number(player.weight_norm)},
                                    {"update_ratio", number(player.update_ratio)}};
  }
  line["finite"] = report.finite;
  line["bad_steps"] = report.bad_steps;
  return line.dump();
}

Journal::Journal(const std::filesystem::path& path, int64_t last_step)
    : file_((truncate_journal(path, last_step), path)) {}

void Journal::append(std::string_view json) { file_.append(std::string(json) + "\n"); }

void truncate_journal(const std::filesystem::path& path, int64_t last_step) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return;
  std::uintmax_t keep = 0;
  std::string line;
  while (std::getline(file, line) && !file.eof()) {  // a last line without its end is torn
    const auto step = step_of(line);
    if (!step || *step > last_step) break;
    keep += line.size() + 1;
  }
  file.close();
  std::error_code error;
  if (std::filesystem::file_size(path) == keep) return;
  std::filesystem::resize_file(path, keep, error);
  if (error) fail("cannot shorten {}: {}", path.string(), error.message());
}

std::vector<std::string> read_journal(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::vector<std::string> lines;
  std::string line;
  while (std::getline(file, line) && !file.eof()) lines.push_back(line);
  return lines;
}

std::optional<std::string> last_line(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::optional<std::string> last;
  std::string line;
  while (std::getline(file, line) && !file.eof()) last = line;
  return last;
}

}  // namespace forger
