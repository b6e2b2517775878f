#include <algorithm>
#include <cctype>
#include <filesystem>

#include "core/crc32c.h"
#include "core/fail.h"
#include "core/text.h"
#include "data/folder.h"
#include "data/idx.h"
#include "data/mvtec.h"
#include "data/random_file.h"
#include "data/shards.h"
#include "data/source.h"
#include "data/synthetic.h"

namespace forger {
namespace {

namespace fs = std::filesystem;
using namespace std::string_view_literals;

constexpr std::string_view kAccepted =
    "a folder of PNG, JPEG or WebP images, a zip archive of images, IDX files, tar shards "
    "(shards/{000..127}.tar), or synthetic:ring8, "
    "synthetic:grid25, synthetic:shapes";

bool is_archive_name(const std::string& name) {
  std::string extension = fs::path(name).extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  return extension == ".tar" || extension == ".zip";
}

/// The archives that a folder consists of; none where there are images beside them.
std::vector<std::string> archives_in(const fs::path& folder) {
  std::vector<std::string> paths;
  bool may_hold_images = false;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    if (!no_data_by_name(name).empty()) continue;
    may_hold_images |= entry.is_directory(error) || format_of_extension(name);
    if (is_archive_name(name) && entry.is_regular_file(error)) paths.push_back(entry.path().string());
  }
  std::sort(paths.begin(), paths.end());
  return may_hold_images && holds_images(folder) ? std::vector<std::string>() : paths;
}

enum class Kind { none, empty, idx, archive, compressed_shard, array };

Kind kind_of_file(const std::string& path) {
  if (is_archive_name(path)) return Kind::archive;
  const RandomFile file(path);
  const std::string start = file.read(0, std::min<int64_t>(file.size(), 512));
  if (start.empty()) return Kind::empty;
  if (path.ends_with(".npz") || start.substr(0, 6) == "\x93NUMPY"sv) return Kind::array;
  if (start.size() == 512 && start.substr(257, 5) == "ustar"sv) return Kind::archive;
  if (is_zip(file, path)) return Kind::archive;
  if (path.ends_with(".tar.gz") || path.ends_with(".tgz")) return Kind::compressed_shard;
  const bool idx = start.substr(0, 2) == "\0\0"sv, gzip = start.substr(0, 2) == "\x1F\x8B"sv;
  return idx || gzip || fs::path(path).filename().string().find("idx") != std::string::npos ? Kind::idx : Kind::none;
}

std::shared_ptr<const Source> open_path(const std::string& source) {
  if (fs::is_directory(source)) {
    if (is_mvtec(source)) return open_folder(fs::path(source) / "train" / "good");
    if (holds_idx(source)) return open_idx(source);
    const auto archives = archives_in(source);
    return archives.empty() ? open_folder(source) : open_shards(archives);
  }
  if (!fs::is_regular_file(source)) fail("{} is neither a file nor a folder, accepted: {}", source, kAccepted);
  switch (kind_of_file(source)) {
    case Kind::archive: return open_shards({source});
    case Kind::idx: return open_idx(source);
    case Kind::empty: fail("{} is an empty file, accepted: {}", source, kAccepted);
    case Kind::compressed_shard:
      fail("{} is a compressed archive, which cannot be read in place, accepted: plain .tar", source);
    case Kind::array:
      fail(
          "{} is a NumPy array, which is taken for samples only (evaluate, judge); to train on its images, write them "
          "as PNG files into a folder",
          source);
    case Kind::none: break;
  }
  if (format_of_extension(source)) fail("{} is a single file, accepted: the folder that holds the images", source);
  fail("{} is no data set, accepted: {}", source, kAccepted);
}

/// The paths that a source means which is no path itself. Braces around the whole make a list of what stands between
/// its commas.
std::vector<std::string> listed_paths(const std::string& source) {
  std::vector<std::string> paths = expand_braces(source.find(',') == std::string::npos ? source : "{" + source + "}");
  for (auto& path : paths) path = trimmed(path);
  return paths;
}

std::shared_ptr<const Source> open_synthetic_source(const DataOptions& options) {
  SyntheticOptions synthetic;
  synthetic.name = options.source.substr("synthetic:"sv.size());
  // A run folder's configuration names the shape of a point.
  const bool is_point_shape = (options.size.empty() || options.size == std::vector<int64_t>{1, 1}) &&
                              (options.channels == 0 || options.channels == 2);
  if (is_point_set(synthetic.name) && !is_point_shape) {
    fail("data.size, data.channels: received values for {}, accepted: none, as its items are points", options.source);
  }
  if (options.size.size() == 2) {
    synthetic.height_px = options.size[0];
    synthetic.width_px = options.size[1];
  }
  if (options.channels > 0) synthetic.channels = options.channels;
  return open_synthetic(synthetic);
}

}  // namespace

uint32_t Source::mark(int64_t index) const { return crc32c(name(index)); }

at::Tensor Source::point(int64_t index) const { fail("{}: is an image and no point", name(index)); }

std::shared_ptr<const Source> open_source(const DataOptions& options) {
  const std::string& source = options.source;
  if (source.empty()) fail("data: received nothing, accepted: {}", kAccepted);
  if (source.starts_with("synthetic:")) return open_synthetic_source(options);
  std::error_code unknown;
  if (fs::exists(source, unknown)) return open_path(source);

  const std::vector<std::string> paths = listed_paths(source);
  if (paths.size() == 1) {
    const std::string hint = source == "ring8" || source == "grid25" || source == "shapes"
                                 ? " (did you mean \"synthetic:" + source + "\"?)"
                                 : "";
    fail("{} does not exist, accepted: {}{}", source, kAccepted, hint);
  }
  for (const auto& path : paths) {
    if (!fs::is_regular_file(path)) {
      fail("{} does not exist (the first missing one of the {} files of \"{}\")", path, paths.size(), source);
    }
    if (!is_archive_name(path)) fail("data: received {} in a list of files, accepted: .tar and .zip archives", path);
  }
  return open_shards(paths);
}

std::string source_from(const fs::path& folder, const std::string& source) {
  if (source.empty() || source.starts_with("synthetic:")) return source;
  std::error_code unknown;
  if (source.find(',') == std::string::npos || fs::exists(folder / source, unknown)) return (folder / source).string();
  auto paths = listed_paths(source);
  for (auto& path : paths) path = (folder / path).string();
  return join(paths, ",");
}

bool source_exists(const std::string& source) {
  std::error_code unknown;
  return source.starts_with("synthetic:") || fs::exists(source, unknown) ||
         fs::exists(listed_paths(source).at(0), unknown);
}

bool is_data_file(const std::string& path) {
  const auto kind = kind_of_file(path);
  return kind == Kind::idx || kind == Kind::archive || kind == Kind::compressed_shard || kind == Kind::array;
}

std::shared_ptr<const Source> open_held_out_source(const DataOptions& options) {
  const auto validation = mvtec_validation(options.source);
  return validation.empty() ? nullptr : open_folder(validation);
}

}  // namespace forger
