#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>

namespace forger {

/// Files and folders that are no data, and how many: by extension (".txt", "no extension"), by the name of what a
/// system makes beside people's files ("@eaDir"), or "hidden". A folder counts once, whatever is in it.
using PassedOver = std::map<std::string, int64_t>;

/// Whether a file or folder is none of a person's data by its name alone: "hidden" where it begins with a dot, the name
/// itself where systems make such beside people's files (`@eaDir`, `__MACOSX`, `$RECYCLE.BIN`, `Thumbs.db` …), else
/// empty.
std::string no_data_by_name(std::string_view name);

/// Counts what is passed over on paths of an archive.
class PathFilter {
 public:
  explicit PathFilter(PassedOver& passed_over) : passed_over_(passed_over) {}
  /// Whether a path (parts between "/") leads to data. Counts what it is that does not.
  bool leads_to_data(std::string_view path);

 private:
  PassedOver& passed_over_;
  std::set<std::string> seen_;
};

/// Counts a file that is no image by name.
void count_other(std::string_view name, PassedOver& passed_over);

/// "3 .txt, 2 @eaDir, 1 hidden".
std::string passed_over_text(const PassedOver& passed_over);

}  // namespace forger
