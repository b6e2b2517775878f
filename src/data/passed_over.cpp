#include "data/passed_over.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <iterator>
#include <vector>

#include "core/text.h"
#include "core/utf8.h"

namespace forger {
namespace {

/// What Synology, QNAP, NetApp, macOS, Windows and Linux make, in small letters. Their other names begin with a dot.
constexpr std::string_view kSystemNames[] = {
    "@eadir",
    "@tmp",
    "@recycle",
    "@recently-snapshot",
    "@sharebin",
    "#recycle",
    "#snapshot",
    "~snapshot",
    "__macosx",
    "network trash folder",
    "icon\r",
    "$recycle.bin",
    "temporary items",
    "system volume information",
    "thumbs.db",
    "ehthumbs.db",
    "desktop.ini",
    "ehthumbs_vista.db",
    "thumbs.db:encryptable",
    "lost+found",
};

}  // namespace

std::string no_data_by_name(std::string_view name) {
  if (name == "." || name == "..") return "";
  if (name.starts_with('.')) return "hidden";
  std::string small(name);
  std::transform(small.begin(), small.end(), small.begin(), [](unsigned char c) { return std::tolower(c); });
  const bool system = std::find(std::begin(kSystemNames), std::end(kSystemNames), small) != std::end(kSystemNames);
  return system ? std::string(name) : "";
}

bool PathFilter::leads_to_data(std::string_view path) {
  for (size_t begin = 0; begin < path.size();) {
    const size_t end = std::min(path.find('/', begin), path.size());
    if (const auto reason = no_data_by_name(path.substr(begin, end - begin)); !reason.empty()) {
      if (seen_.emplace(path.substr(0, end)).second) ++passed_over_[reason];
      return false;
    }
    begin = end + 1;
  }
  return true;
}

void count_other(std::string_view name, PassedOver& passed_over) {
  const auto file = name.substr(name.rfind('/') + 1);
  const size_t dot = file.rfind('.');
  ++passed_over[dot == std::string_view::npos ? "no extension" : std::string(file.substr(dot))];
}

std::string passed_over_text(const PassedOver& passed_over) {
  std::vector<std::string> words;
  for (const auto& [reason, count] : passed_over) words.push_back(fmt::format("{} {}", count, for_message(reason)));
  return join(words);
}

}  // namespace forger
