#include "referee/texts.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/embedded.h"
#include "core/fail.h"
#include "core/text.h"

namespace forger {
namespace {

constexpr Embedded kTexts[] = {
#include "embedded_texts.inc"
};

std::string filled(std::string text, const std::map<std::string, std::string>& values) {
  for (const auto& [name, value] : values) {
    const std::string mark = "{" + name + "}";
    for (size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at + value.size())) {
      text.replace(at, mark.size(), value);
    }
  }
  return text;
}

}  // namespace

Texts::Texts(std::string_view json) {
  const auto file = nlohmann::json::parse(json);
  for (const auto& [section, entries] : file.items()) {
    for (const auto& [key, entry] : entries.items()) {
      if (entry.is_string()) {
        texts_[fmt::format("{}/{}", section, key)] = entry.get<std::string>();
        continue;
      }
      for (const auto& [part, text] : entry.items()) {
        texts_[fmt::format("{}/{}/{}", section, key, part)] = text.get<std::string>();
      }
    }
  }
}

const Texts& Texts::in(std::string_view language) {
  static const auto all = [] {
    std::map<std::string, Texts, std::less<>> texts;
    for (const auto& file : kTexts) texts.emplace(file.name, Texts(file.text));
    return texts;
  }();
  const auto found = all.find(language);
  if (found == all.end()) fail("language: received \"{}\", accepted: {}", language, join(languages()));
  return found->second;
}

std::vector<std::string> Texts::languages() {
  std::vector<std::string> names;
  for (const auto& file : kTexts) names.emplace_back(file.name);
  return names;
}

std::string Texts::text(const std::string& section, const std::string& key,
                        const std::map<std::string, std::string>& values) const {
  return filled(texts_.at(section + "/" + key), values);
}

std::map<std::string, std::string> Texts::section(const std::string& name) const {
  const std::string prefix = name + "/";
  std::map<std::string, std::string> found;
  for (auto item = texts_.lower_bound(prefix); item != texts_.end() && item->first.starts_with(prefix); ++item) {
    found[item->first.substr(prefix.size())] = item->second;
  }
  return found;
}

std::string Texts::remedy(const std::string& name, const std::string& part,
                          const std::map<std::string, std::string>& values) const {
  return filled(texts_.at("remedy/" + name + "/" + part), values);
}

}  // namespace forger
