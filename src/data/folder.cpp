#include "data/folder.h"

#include <sys/stat.h>

#include <algorithm>
#include <set>
#include <utility>

#include "core/fail.h"
#include "data/encoded_source.h"
#include "data/random_file.h"

namespace forger {
namespace {

namespace fs = std::filesystem;

/// What a walk through a folder finds.
struct Found {
  std::vector<std::string> images;  // relative, with "/" between parts
  PassedOver ignored;
  std::set<std::pair<dev_t, ino_t>> visited;  // links may lead in circles
};

void walk(const fs::path& folder, const std::string& prefix, Found& found) {
  struct stat status{};
  if (::stat(folder.c_str(), &status) != 0 || !found.visited.emplace(status.st_dev, status.st_ino).second) return;
  std::error_code error;
  fs::directory_iterator entries(folder, error);
  if (error) fail("cannot read the folder {}: {}", folder.string(), error.message());
  for (const auto& entry : entries) {
    const std::string name = entry.path().filename().string();
    if (const auto reason = no_data_by_name(name); !reason.empty()) {
      ++found.ignored[reason];
    } else if (entry.is_directory(error)) {
      walk(entry.path(), prefix + name + "/", found);
    } else if (format_of_extension(name)) {
      found.images.push_back(prefix + name);
    } else {
      count_other(name, found.ignored);
    }
  }
}

class FolderSource : public EncodedSource {
 public:
  FolderSource(fs::path root, Found found)
      : root_(std::move(root)), names_(std::move(found.images)), ignored_(std::move(found.ignored)) {
    std::sort(names_.begin(), names_.end());
    std::set<std::string> classes;
    for (const auto& name : names_) {
      const size_t slash = name.find('/');
      if (slash == std::string::npos) return;  // an image without a class: the folders are no classes
      classes.insert(name.substr(0, slash));
    }
    if (classes.size() < 2) return;
    classes_.assign(classes.begin(), classes.end());
    labels_.reserve(names_.size());
    for (const auto& name : names_) {
      const auto place = std::lower_bound(classes_.begin(), classes_.end(), name.substr(0, name.find('/')));
      labels_.push_back(place - classes_.begin());
    }
  }

  std::string kind() const override { return "folder"; }
  int64_t size() const override { return static_cast<int64_t>(names_.size()); }
  std::string name(int64_t index) const override { return names_[static_cast<size_t>(index)]; }
  int64_t label(int64_t index) const override { return labels_.empty() ? -1 : labels_[static_cast<size_t>(index)]; }
  std::vector<std::string> class_names() const override { return classes_; }
  PassedOver ignored() const override { return ignored_; }

  int64_t stored_bytes(int64_t index) const override {
    std::error_code gone;
    const auto bytes = fs::file_size(root_ / names_[static_cast<size_t>(index)], gone);
    return gone ? -1 : static_cast<int64_t>(bytes);
  }

  std::string file_bytes(int64_t index) const override {
    const RandomFile file(root_ / names_[static_cast<size_t>(index)]);
    return file.read(0, file.size());
  }

 private:
  fs::path root_;
  std::vector<std::string> names_;
  PassedOver ignored_;
  std::vector<std::string> classes_;
  std::vector<int64_t> labels_;
};

}  // namespace

bool holds_images(const fs::path& path) {
  Found found;
  walk(path, "", found);
  return !found.images.empty();
}

std::shared_ptr<const Source> open_folder(const fs::path& path) {
  Found found;
  walk(path, "", found);
  if (found.images.empty()) {
    fail(
        "the folder {} holds no images{}, accepted: PNG, JPEG, WebP files (.png, .jpg, .jpeg, "
        ".webp)",
        path.string(), found.ignored.empty() ? " (it is empty)" : " (but " + passed_over_text(found.ignored) + ")");
  }
  return std::make_shared<FolderSource>(path, std::move(found));
}

}  // namespace forger
