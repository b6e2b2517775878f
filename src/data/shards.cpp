#include "data/shards.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <optional>
#include <set>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>

#include "core/crc32c.h"
#include "core/fail.h"
#include "core/plural.h"
#include "core/text.h"
#include "core/zip.h"
#include "data/encoded_source.h"
#include "data/tar.h"

namespace forger {
namespace {

/// The parts between commas outside of inner braces.
std::vector<std::string> split_list(std::string_view list) {
  std::vector<std::string> parts(1);
  int depth = 0;
  for (const char c : list) {
    depth += c == '{' ? 1 : c == '}' ? -1 : 0;
    if (c == ',' && depth == 0) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

bool parse_whole(std::string_view text, int64_t& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return !text.empty() && error == std::errc() && end == text.data() + text.size() && value >= 0;
}

/// What one pair of braces stands for; empty when it is neither a range nor a list.
std::vector<std::string> alternatives(std::string_view inside, const std::string& pattern) {
  constexpr int64_t kMaxNumbers = 1'000'000;
  auto parts = split_list(inside);
  if (parts.size() > 1) return parts;
  const size_t dots = inside.find("..");
  if (dots == std::string_view::npos || inside.find('{') != std::string_view::npos) return {};
  const std::string_view first_text = inside.substr(0, dots), last_text = inside.substr(dots + 2);
  int64_t first = 0, last = 0;
  if (!parse_whole(first_text, first) || !parse_whole(last_text, last) || last < first || last - first >= kMaxNumbers) {
    fail("data: received \"{}\", accepted: a range such as {{000..127}}, of at most {} numbers", pattern, kMaxNumbers);
  }
  // As in the shell, a leading zero asks for numbers of equal width.
  const bool padded = (first_text.size() > 1 && first_text[0] == '0') || (last_text.size() > 1 && last_text[0] == '0');
  const size_t width = padded ? std::max(first_text.size(), last_text.size()) : 1;
  std::vector<std::string> numbers;
  for (int64_t i = first; i <= last; ++i) numbers.push_back(fmt::format("{:0{}}", i, width));
  return numbers;
}

size_t closing_brace(std::string_view text, size_t open) {
  int depth = 0;
  for (size_t i = open; i < text.size(); ++i) {
    depth += text[i] == '{' ? 1 : text[i] == '}' ? -1 : 0;
    if (depth == 0) return i;
  }
  return std::string_view::npos;
}

/// A file in an archive: where its bytes are.
using Member = std::variant<TarMember, ZipMember>;

const std::string& name_of(const Member& member) {
  return std::visit([](const auto& any) -> const std::string& { return any.name; }, member);
}

ZipBytes bytes_of(const RandomFile& file) {
  return {file.size(), [&file](int64_t offset, int64_t length) { return file.read(offset, length); }};
}

std::string read_member(const RandomFile& file, const Member& member) {
  if (const auto* tar = std::get_if<TarMember>(&member)) return file.read(tar->offset, tar->length);
  return read_zip_member(bytes_of(file), std::get<ZipMember>(member));
}

/// What an archive of either kind holds.
struct Contents {
  std::vector<Member> members;
  bool zip = false;
  int64_t links = 0;
  std::string incomplete;
  bool cut_short = false;
};

template <class Listed>
std::vector<Member> as_members(std::vector<Listed> listed) {
  return {std::make_move_iterator(listed.begin()), std::make_move_iterator(listed.end())};
}

Contents list_archive(const RandomFile& file, const std::string& path) {
  try {
    if (is_zip(file, path)) {
      auto zip = list_zip(bytes_of(file));
      return {as_members(std::move(zip.members)), true, 0, std::move(zip.incomplete), false};
    }
    auto tar = list_tar(file);
    return {as_members(std::move(tar.members)), false, tar.links, std::move(tar.incomplete), tar.cut_short};
  } catch (const Error& error) {
    fail_damaged("{}: {}", path, error.what());
  }
}

/// One image in one archive.
struct StoredItem {
  uint32_t shard = 0;
  int64_t label = -1;
  Member member;
};

std::string folder_of(const std::string& member) {
  const size_t slash = member.rfind('/');
  if (slash == std::string::npos) return "";
  const size_t before = slash == 0 ? std::string::npos : member.rfind('/', slash - 1);
  const size_t begin = before == std::string::npos ? 0 : before + 1;
  const std::string folder = member.substr(begin, slash - begin);
  return folder == "." ? "" : folder;
}

/// Path up to the first dot of the file name: what the members of one WebDataset sample share.
std::string key_of(const std::string& member) {
  const size_t slash = member.rfind('/');
  return member.substr(0, member.find('.', slash == std::string::npos ? 0 : slash + 1));
}

int64_t parse_class(const std::string& text, const std::string& name) {
  constexpr int64_t kMaxClass = 1'000'000;
  int64_t label = 0;
  if (!parse_whole(trimmed(text), label) || label > kMaxClass) {
    fail("{}: received class \"{}\", accepted: a whole number from 0 to {}", name, text.substr(0, 40), kMaxClass);
  }
  return label;
}

class ShardSource : public EncodedSource {
 public:
  explicit ShardSource(const std::vector<std::string>& paths) : paths_(paths) {
    bool all_numbered = true;
    std::vector<std::string> damaged;
    for (size_t shard = 0; shard < paths_.size(); ++shard) {
      const size_t first = items_.size();
      try {
        add_shard(static_cast<uint32_t>(shard));
      } catch (const DamagedData& error) {
        damaged.emplace_back(error.what());
      }
      for (size_t i = first; i < items_.size(); ++i) all_numbered &= items_[i].label >= 0;
    }
    refuse_damaged(std::move(damaged));
    if (items_.empty()) refuse_empty();
    all_numbered ? name_numbered_classes() : take_folders_for_classes();
  }

  std::string kind() const override {
    return zips_ == 0 ? "tar shards" : zips_ == paths_.size() ? "zip archives" : "tar and zip archives";
  }
  int64_t size() const override { return static_cast<int64_t>(items_.size()); }
  std::string name(int64_t index) const override {
    const StoredItem& item = items_[static_cast<size_t>(index)];
    return paths_[item.shard].substr(paths_[item.shard].rfind('/') + 1) + "/" + name_of(item.member);
  }
  int64_t label(int64_t index) const override { return items_[static_cast<size_t>(index)].label; }
  std::vector<std::string> class_names() const override { return classes_; }
  PassedOver ignored() const override { return ignored_; }
  std::vector<std::string> incomplete() const override { return incomplete_; }

  int64_t stored_bytes(int64_t index) const override {
    const auto& member = items_[static_cast<size_t>(index)].member;
    const auto* tar = std::get_if<TarMember>(&member);
    return tar ? tar->length : std::get<ZipMember>(member).bytes;
  }

  /// Members are often called by running numbers. Zip archives list a checksum of each; of a tar's, the end tells it
  /// from others, and to read it costs little more than its header did.
  uint32_t mark(int64_t index) const override {
    constexpr int64_t kEndBytes = 256;
    const StoredItem& item = items_[static_cast<size_t>(index)];
    if (const auto* zip = std::get_if<ZipMember>(&item.member)) return zip->checksum;
    const auto& member = std::get<TarMember>(item.member);
    const RandomFile file(paths_[item.shard]);
    const int64_t end =
        std::min(member.offset + member.length, file.size());  // of a member that is cut off, what is there
    const int64_t length = std::clamp<int64_t>(end - member.offset, 0, kEndBytes);
    return crc32c(file.read(end - length, length) + std::to_string(member.length));
  }

  std::string file_bytes(int64_t index) const override {
    const StoredItem& item = items_[static_cast<size_t>(index)];
    try {
      // Opened anew each time: a set may have more archives than a process may hold open.
      return read_member(RandomFile(paths_[item.shard]), item.member);
    } catch (const Error& error) {
      fail("{}: {}", name(index), error.what());
    }
  }

 private:
  void add_shard(uint32_t shard) {
    const RandomFile file(paths_[shard]);
    const size_t first = items_.size();
    std::unordered_map<std::string, int64_t> labels;
    auto contents = list_archive(file, paths_[shard]);
    PathFilter filter(ignored_);
    for (auto& member : contents.members) {
      const std::string& name = name_of(member);
      if (!filter.leads_to_data(name)) continue;
      if (format_of_extension(name)) {
        items_.push_back({shard, -1, std::move(member)});
      } else if (name.ends_with(".cls")) {
        if (const auto text = read_class(file, member, contents.cut_short)) {
          labels[key_of(name)] = parse_class(*text, paths_[shard] + "/" + name);
        }
      } else {
        count_other(name, ignored_);
      }
    }
    for (size_t i = first; !labels.empty() && i < items_.size(); ++i) {
      const auto found = labels.find(key_of(name_of(items_[i].member)));
      if (found != labels.end()) items_[i].label = found->second;
    }
    if (contents.zip) ++zips_;
    if (contents.links > 0) ignored_["links"] += contents.links;
    if (!contents.incomplete.empty()) incomplete_.push_back(fmt::format("{}: {}", paths_[shard], contents.incomplete));
    // The number of the last image was cut off: it must not cost all others their classes.
    if (contents.cut_short && !labels.empty() && items_.size() > first && items_.back().label < 0) {
      incomplete_.back() += fmt::format("; {} has lost its class and is left out", name(size() - 1));
      items_.pop_back();
    }
  }

  /// The text of a ".cls" member; nothing where the archive was cut short within it.
  static std::optional<std::string> read_class(const RandomFile& file, const Member& member, bool cut_short) {
    constexpr int64_t kLongestNumber = 32;
    const auto* tar = std::get_if<TarMember>(&member);
    if (!tar) {
      const bool short_enough = std::get<ZipMember>(member).bytes <= kLongestNumber;
      return short_enough ? read_member(file, member) : "a longer text";
    }
    if (cut_short && tar->offset + tar->length > file.size()) return std::nullopt;
    return file.read(tar->offset, std::min(tar->length, kLongestNumber));
  }

  static void refuse_damaged(std::vector<std::string> damaged) {
    if (damaged.empty()) return;
    constexpr size_t kNamed = 3;
    const size_t more = damaged.size() > kNamed ? damaged.size() - kNamed : 0;
    damaged.resize(damaged.size() - more);
    fail_damaged("{}{}", join(damaged, "; "),
                 more > 0 ? fmt::format("; and {}", counted(static_cast<int64_t>(more), "more archive")) : "");
  }

  [[noreturn]] void refuse_empty() const {
    std::vector<std::string> reasons = incomplete_;
    if (!ignored_.empty()) reasons.push_back(passed_over_text(ignored_));
    const auto message = fmt::format(
        "{} hold{} no images{}, accepted: tar and zip archives with PNG, JPEG, WebP members",
        paths_.size() == 1 ? paths_[0] : fmt::format("the {} archives from {} on", paths_.size(), paths_[0]),
        paths_.size() == 1 ? "s" : "", reasons.empty() ? "" : " (" + join(reasons, "; ") + ")");
    if (!incomplete_.empty()) throw DamagedData(message);
    throw Error(message);
  }

  /// A class is called by its folder where all its images lie in one of that name, else by its number.
  void name_numbered_classes() {
    int64_t count = 0;
    for (const auto& item : items_) count = std::max(count, item.label + 1);
    std::vector<std::set<std::string>> folders(static_cast<size_t>(count));
    for (const auto& item : items_) {
      auto& names = folders[static_cast<size_t>(item.label)];
      if (names.size() < 2) names.insert(folder_of(name_of(item.member)));
    }
    for (size_t i = 0; i < folders.size(); ++i) {
      const bool named = folders[i].size() == 1 && !folders[i].begin()->empty();
      classes_.push_back(named ? *folders[i].begin() : std::to_string(i));
    }
    if (std::set<std::string>(classes_.begin(), classes_.end()).size() == classes_.size()) return;
    for (size_t i = 0; i < classes_.size(); ++i) classes_[i] = std::to_string(i);
  }

  void take_folders_for_classes() {
    std::set<std::string> folders;
    for (auto& item : items_) {
      item.label = -1;
      folders.insert(folder_of(name_of(item.member)));
    }
    if (folders.size() < 2 || folders.contains("")) return;
    classes_.assign(folders.begin(), folders.end());
    for (auto& item : items_) {
      item.label =
          std::lower_bound(classes_.begin(), classes_.end(), folder_of(name_of(item.member))) - classes_.begin();
    }
  }

  std::vector<std::string> paths_;
  std::vector<StoredItem> items_;
  std::vector<std::string> classes_;
  PassedOver ignored_;
  std::vector<std::string> incomplete_;
  size_t zips_ = 0;
};

}  // namespace

std::vector<std::string> expand_braces(const std::string& pattern) {
  for (size_t open = pattern.find('{'); open != std::string::npos; open = pattern.find('{', open + 1)) {
    const size_t close = closing_brace(pattern, open);
    if (close == std::string::npos) break;
    const auto choices = alternatives(std::string_view(pattern).substr(open + 1, close - open - 1), pattern);
    if (choices.empty()) continue;
    std::vector<std::string> expanded;
    for (const auto& choice : choices) {
      for (auto& name : expand_braces(pattern.substr(0, open) + choice + pattern.substr(close + 1))) {
        expanded.push_back(std::move(name));
      }
    }
    return expanded;
  }
  return {pattern};
}

bool is_zip(const RandomFile& file, const std::string& path) {
  if (path.ends_with(".zip") || path.ends_with(".ZIP")) return true;
  const std::string start = file.read(0, std::min<int64_t>(file.size(), 4));
  return start == "PK\3\4" || start == "PK\5\6";
}

std::shared_ptr<const Source> open_shards(const std::vector<std::string>& paths) {
  return std::make_shared<ShardSource>(paths);
}

}  // namespace forger
