#include "data/mvtec.h"

#include <algorithm>
#include <cctype>
#include <functional>
#include <set>
#include <string_view>

#include "core/fail.h"
#include "core/files.h"
#include "image/image_file.h"
#include "image/mask.h"

namespace forger {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kMaskSuffix = "_mask";

std::string in_small_letters(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

std::string without_ending(const fs::path& name) { return (name.parent_path() / name.stem()).generic_string(); }

/// Also of kinds that cannot be read: that is to be said.
bool is_image_name(const fs::path& file) {
  const auto ending = in_small_letters(file.extension().string());
  return format_of_extension(file.string()) || ending == ".bmp" || ending == ".tif" || ending == ".tiff" ||
         ending == ".gif";
}

/// All files below a folder, sorted; not those that systems hide there.
std::vector<fs::path> mask_files(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  fs::recursive_directory_iterator next(folder, fs::directory_options::skip_permission_denied, error), end;
  for (; !error && next != end; next.increment(error)) {
    const auto name = next->path().filename().string();
    const bool hidden = name.starts_with('.') || name.starts_with('@') || name == "__MACOSX";
    if (next->is_directory(error) && hidden) next.disable_recursion_pending();
    if (next->is_regular_file(error) && !hidden) files.push_back(next->path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

bool is_mvtec(const fs::path& folder) {
  std::error_code unknown;
  return fs::is_directory(folder / "train" / "good", unknown) && fs::is_directory(folder / "test", unknown);
}

fs::path mvtec_validation(const fs::path& folder) {
  auto validation = folder / "validation" / "good";
  return is_mvtec(folder) && fs::is_directory(validation) ? validation : fs::path();
}

MvtecMasks::MvtecMasks(const fs::path& folder, const std::vector<std::string>& images) {
  std::set<std::string> known;
  for (const auto& image : images) known.insert(in_small_letters(without_ending(image)));
  const auto root = folder / "ground_truth";
  for (const auto& path : mask_files(root)) {
    const auto name = without_ending(path.lexically_relative(root).generic_string());
    const auto parent = fs::path(name).parent_path().generic_string();
    const auto add = [&](Naming naming, const std::string& image) {
      const auto key = in_small_letters(image);
      if (known.contains(key)) files_.emplace(key, File{naming, path, image});
      return known.contains(key);
    };
    const bool has_suffix = in_small_letters(name).ends_with(kMaskSuffix);
    const bool found = (has_suffix && add(Naming::suffix, name.substr(0, name.size() - kMaskSuffix.size()))) ||
                       add(Naming::same, name) || add(Naming::folder, parent);
    if (!found && is_image_name(path)) strays_.push_back(path);
  }
}

std::optional<Pixels> MvtecMasks::read(const std::string& image) const {
  const auto name = without_ending(image);
  std::vector<File> files;
  const auto [first, last] = files_.equal_range(in_small_letters(name));
  for (auto file = first; file != last; ++file) files.push_back(file->second);
  if (files.empty()) return std::nullopt;
  const auto keep = [&](auto&& wanted) {
    if (std::any_of(files.begin(), files.end(), wanted)) std::erase_if(files, std::not_fn(wanted));
  };
  keep([&](const File& file) { return file.image == name; });
  const auto surest =
      std::min_element(files.begin(), files.end(), [](const File& a, const File& b) { return a.naming < b.naming; });
  keep([naming = surest->naming](const File& file) { return file.naming == naming; });
  if (files[0].naming != Naming::folder && files.size() > 1) {
    fail("{}: is one of {} masks of {}, accepted: one", files[1].path.string(), files.size(), image);
  }
  Pixels all;
  for (const auto& file : files) {
    const Pixels mask = decode_mask(read_file(file.path), file.path.string());
    if (all.values.empty()) all = Pixels(mask.height, mask.width, 1);
    if (mask.height != all.height || mask.width != all.width) {
      fail("{}: is {}x{} (height x width), another mask of {} is {}x{}", file.path.string(), mask.height, mask.width,
           image, all.height, all.width);
    }
    std::transform(mask.values.begin(), mask.values.end(), all.values.begin(), all.values.begin(),
                   [](uint8_t one, uint8_t other) { return std::max(one, other); });
  }
  return all;
}

}  // namespace forger
