#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace forger {

/// What the referee says, in one language, from a data file (src/referee/texts/LANGUAGE.json).
class Texts {
 public:
  /// "en" or "ja". Throws Error on another language.
  static const Texts& in(std::string_view language);
  static std::vector<std::string> languages();

  /// The text `key` of a section ("sentence", "label", "page", "evidence"), its {names} replaced by `values`.
  std::string text(const std::string& section, const std::string& key,
                   const std::map<std::string, std::string>& values = {}) const;
  /// All texts of a section by their keys, as they stand in the file.
  std::map<std::string, std::string> section(const std::string& name) const;
  /// A remedy's "what", "why" or "source".
  std::string remedy(const std::string& name, const std::string& part,
                     const std::map<std::string, std::string>& values = {}) const;

 private:
  explicit Texts(std::string_view json);
  std::map<std::string, std::string> texts_;  // "section/key" and "remedy/name/part"
};

}  // namespace forger
