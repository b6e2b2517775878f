#include "run/journal.h"

#include <simdjson.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>

#include "core/crc32c.h"
#include "core/fail.h"
#include "core/json.h"

namespace forger {
namespace {

using nlohmann::ordered_json;

ordered_json logits(const LogitReport& report) {
  return {{"mean", json_number(report.mean)},
          {"spread", json_number(report.spread)},
          {"p_real", json_number(report.p_real)}};
}

/// The step of a journal line, or nothing when the line is torn.
std::optional<int64_t> step_of(const std::string& line) {
  const auto json = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object() || !json.contains("step") || !json["step"].is_number_integer()) return std::nullopt;
  return json["step"].get<int64_t>();
}

/// The whole lines of a file from the last to the first; what follows the last line's end is torn and passed over.
class LinesFromTheEnd {
 public:
  /// A file that does not exist has no lines.
  explicit LinesFromTheEnd(const std::filesystem::path& path) : file_(path, std::ios::binary | std::ios::ate) {
    if (file_) begin_ = file_.tellg();
  }

  /// The line before the one that was returned last, without its end.
  std::optional<std::string> next() {
    size_t end = std::string::npos;
    size_t before = std::string::npos;
    while (true) {
      end = unread_.rfind('\n');
      if (end != std::string::npos && end > 0) before = unread_.rfind('\n', end - 1);
      if (before != std::string::npos || begin_ == 0) break;
      read_block();
    }
    if (end == std::string::npos) return std::nullopt;
    const size_t start = before == std::string::npos ? 0 : before + 1;
    std::string line = unread_.substr(start, end - start);
    end_ = static_cast<std::uintmax_t>(begin_) + end + 1;
    unread_.resize(start);
    return line;
  }

  /// How many bytes of the file stand before the end of the line that was returned last, the end included.
  std::uintmax_t end() const { return end_; }

 private:
  void read_block() {
    constexpr std::streamoff kBlockBytes = 1 << 16;
    const std::streamoff bytes = std::min(begin_, kBlockBytes);
    std::string block(static_cast<size_t>(bytes), '\0');
    begin_ -= bytes;
    file_.seekg(begin_);
    file_.read(block.data(), bytes);
    unread_.insert(0, block);
  }

  std::ifstream file_;
  std::streamoff begin_ = 0;  // where `unread_` begins in the file
  std::string unread_;
  std::uintmax_t end_ = 0;
};

LogitReport logits_in(const ordered_json& json) {
  return {.mean = number_in(json.at("mean")),
          .spread = number_in(json.at("spread")),
          .p_real = number_in(json.at("p_real"))};
}

/// Whether the line that ended at a place of the journal still ends there.
bool stands(std::ifstream& file, const JournalPlace& place) {
  if (place.bytes == 0) return true;
  constexpr int64_t kBlockBytes = 1 << 12;
  std::string line;  // its end, more and more of it
  for (int64_t begin = place.bytes; begin > 0 && file;) {
    const int64_t bytes = std::min(begin, kBlockBytes);
    std::string block(static_cast<size_t>(bytes), '\0');
    begin -= bytes;
    file.seekg(begin);
    file.read(block.data(), bytes);
    line.insert(0, block);
    if (!line.ends_with('\n')) return false;
    const auto before = line.size() < 2 ? std::string::npos : line.rfind('\n', line.size() - 2);
    if (before == std::string::npos && begin > 0) continue;
    const size_t start = before == std::string::npos ? 0 : before + 1;
    return file && crc32c(line.substr(start, line.size() - 1 - start)) == place.line_hash;
  }
  return false;
}

/// Takes the numbers of an object whose own name, with a dot after it, is `name`; that is the same afterwards.
void take_numbers_of(const simdjson::dom::object& object, std::string& name,
                     const std::function<void(const std::string&, double)>& take) {
  const size_t inside = name.size();
  for (const auto& [key, value] : object) {
    name += key;
    switch (value.type()) {
      case simdjson::dom::element_type::OBJECT:
        name += '.';
        take_numbers_of(value.get_object().value_unsafe(), name, take);
        break;
      case simdjson::dom::element_type::INT64:
      case simdjson::dom::element_type::UINT64:
      case simdjson::dom::element_type::DOUBLE: take(name, value.get_double().value_unsafe()); break;
      case simdjson::dom::element_type::BOOL: take(name, value.get_bool().value_unsafe() ? 1 : 0); break;
      case simdjson::dom::element_type::NULL_VALUE: take(name, std::numeric_limits<double>::quiet_NaN()); break;
      case simdjson::dom::element_type::STRING:
      case simdjson::dom::element_type::ARRAY: break;
    }
    name.resize(inside);
  }
}

}  // namespace

std::string to_json(const StepReport& report) {
  ordered_json line;
  line["step"] = report.step;
  line["images"] = report.images;
  line["seconds"] = json_number(report.seconds);
  line["images_per_second"] = json_number(report.images_per_second);
  line["step_seconds"] = json_number(report.step_seconds);
  line["data_wait_seconds"] = json_number(report.data_wait_seconds);
  for (const auto& [name, loss] : report.losses) line["losses"][name] = json_number(loss);
  line["logits"] = {{"real", logits(report.real)}, {"fake", logits(report.fake)}};
  for (const auto& player : report.players) {
    line["players"][player.name] = {{"learning_rate", json_number(player.learning_rate)},
                                    {"gradient_norm", json_number(player.gradient_norm)},
                                    {"weight_norm", json_number(player.weight_norm)},
                                    {"update_ratio", json_number(player.update_ratio)}};
  }
  line["finite"] = report.finite;
  line["bad_steps"] = report.bad_steps;
  return line.dump();
}

std::optional<StepReport> step_report_in(const std::string& line) {
  StepReport report;
  try {
    const auto json = ordered_json::parse(line);
    json.at("step").get_to(report.step);
    json.at("images").get_to(report.images);
    report.seconds = number_in(json.at("seconds"));
    report.images_per_second = number_in(json.at("images_per_second"));
    report.step_seconds = number_in(json.at("step_seconds"));
    report.data_wait_seconds = number_in(json.at("data_wait_seconds"));
    const auto losses = json.value("losses", ordered_json::object());
    for (const auto& [name, loss] : losses.items()) report.losses[name] = number_in(loss);
    report.real = logits_in(json.at("logits").at("real"));
    report.fake = logits_in(json.at("logits").at("fake"));
    const auto players = json.value("players", ordered_json::object());
    for (const auto& [name, player] : players.items()) {
      report.players.push_back({.name = name,
                                .learning_rate = number_in(player.at("learning_rate")),
                                .gradient_norm = number_in(player.at("gradient_norm")),
                                .weight_norm = number_in(player.at("weight_norm")),
                                .update_ratio = number_in(player.at("update_ratio"))});
    }
    json.at("finite").get_to(report.finite);
    json.at("bad_steps").get_to(report.bad_steps);
  } catch (const nlohmann::json::exception&) {
    return std::nullopt;
  }
  return report;
}

Journal::Journal(const std::filesystem::path& path, int64_t last_step)
    : file_((truncate_journal(path, last_step), path)) {}

void Journal::append(std::string_view json) { file_.append(std::string(json) + "\n"); }

void truncate_journal(const std::filesystem::path& path, int64_t last_step) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  if (error) return;
  std::uintmax_t keep = 0;
  LinesFromTheEnd lines(path);
  while (const auto line = lines.next()) {
    const auto step = step_of(*line);
    if (!step || *step > last_step) continue;
    keep = lines.end();
    break;
  }
  if (size == keep) return;
  std::filesystem::resize_file(path, keep, error);
  if (error) fail("cannot shorten {}: {}", path.string(), error.message());
}

JournalPart<std::string> read_journal(const std::filesystem::path& path, const JournalPlace& from, int64_t most) {
  JournalPart<std::string> part;
  part.end = from;
  std::ifstream file(path, std::ios::binary);
  if (!stands(file, from)) {
    part.end = {};
    part.again = true;
  }
  if (!file.is_open()) return part;
  file.clear();
  file.seekg(part.end.bytes);
  std::string line;
  while (static_cast<int64_t>(part.entries.size()) < most && std::getline(file, line) && !file.eof()) {
    part.end.bytes += static_cast<int64_t>(line.size()) + 1;
    part.entries.push_back(std::move(line));
  }
  if (file.bad()) fail("cannot read {}", path.string());
  if (!part.entries.empty()) part.end.line_hash = crc32c(part.entries.back());
  return part;
}

bool take_numbers(const std::string& line, const std::function<void(const std::string& name, double value)>& take) {
  // Long journals have millions of numbers: its memory is used again.
  thread_local simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (parser.parse(line).get(object) != simdjson::SUCCESS) return false;
  std::string name;
  take_numbers_of(object, name, take);
  return true;
}

std::optional<std::string> last_line(const std::filesystem::path& path) { return LinesFromTheEnd(path).next(); }

}  // namespace forger
