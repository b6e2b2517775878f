#include "run/report.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

#include "core/base64.h"
#include "core/embedded.h"
#include "core/files.h"
#include "core/json.h"
#include "core/utf8.h"
#include "forger/judge.h"
#include "referee/texts.h"
#include "run/journal.h"

namespace forger {
namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

constexpr Embedded kPages[] = {
#include "embedded_pages.inc"
};

/// Charts need no more points than a screen has columns.
constexpr size_t kMostPoints = 600;
constexpr size_t kMostPreviews = 6;

/// At most `most` of the things, evenly spread, the last one among them.
template <class Thing>
std::vector<Thing> thinned(const std::vector<Thing>& things, size_t most) {
  if (things.size() <= most) return things;
  std::vector<Thing> kept;
  for (size_t i = 1; i <= most; ++i) kept.push_back(things[i * things.size() / most - 1]);
  return kept;
}

ordered_json journal(const fs::path& path, size_t most) {
  ordered_json lines = ordered_json::array();
  for (const auto& line : thinned(read_journal(path).entries, most)) {
    auto json = ordered_json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (json.is_object()) lines.push_back(std::move(json));
  }
  return lines;
}

ordered_json previews(const RunFolder& run) {
  ordered_json pictures = ordered_json::array();
  for (const auto& [step, file] : thinned(run.previews_made(), kMostPreviews)) {
    pictures.push_back({{"step", step}, {"png", base64(read_file(file))}});
  }
  return pictures;
}

void replace_all(std::string& text, std::string_view mark, const std::string& value) {
  for (size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at + value.size())) {
    text.replace(at, mark.size(), value);
  }
}

std::string escaped(const std::string& text) {
  std::string html;
  for (const char c : text) {
    html += c == '<' ? "&lt;" : c == '>' ? "&gt;" : c == '&' ? "&amp;" : c == '"' ? "&quot;" : std::string(1, c);
  }
  return html;
}

}  // namespace

std::string report_page(const RunFolder& run, const Verdict& verdict, const std::string& language) {
  const Config config = Config::from_file(run.config());
  ordered_json data;
  data["about"] = config.recipe + " on " + config.data.source;
  data["text"] = Texts::in(language).section("page");
  data["verdict"] = ordered_json::parse(to_json(verdict));
  data["verdicts"] = journal(run.verdicts(), kMostPoints);
  data["checks"] = journal(run.metrics(), kMostPoints);
  data["steps"] = journal(run.steps(), kMostPoints);
  data["previews"] = previews(run);
  std::string json = json_text(data);
  replace_all(json, "</", "<\\/");  // nothing in the data ends the script

  std::string page(kPages[0].text);
  replace_all(page, "{{language}}", language);
  replace_all(page, "{{name}}", escaped(printable(fs::weakly_canonical(run.path()).filename().string())));
  replace_all(page, "{{data}}", json);
  return page;
}

}  // namespace forger
