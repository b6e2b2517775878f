#include "data/inputs.h"

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <utility>

#include "core/fail.h"
#include "core/files.h"
#include "data/mvtec.h"
#include "image/resize.h"

namespace forger {
namespace {

namespace fs = std::filesystem;

}  // namespace

Inputs::Inputs(const std::vector<std::string>& names, const Levels& levels) : levels_(levels) {
  for (const auto& name : names) {
    std::error_code unknown;
    // The content tells what a file is; only sets are told by their names as well.
    const bool is_file = fs::is_regular_file(name, unknown);
    try {
      if (is_file && (format_of_extension(name) || !is_data_file(name))) {
        items_.push_back({name, nullptr, "", 0, ""});
      } else {
        add_set(name);
      }
    } catch (const Error& error) {
      items_.push_back({name, nullptr, "", 0, error.what()});
    }
  }
  const auto is_wrong = [](const Item& item) { return !item.wrong.empty(); };
  if (!items_.empty() && std::all_of(items_.begin(), items_.end(), is_wrong)) fail("{}", items_[0].wrong);
}

void Inputs::add_set(const std::string& name) {
  DataOptions options;
  // Of a set with a part to train on, the other part is what one wants to look at.
  options.source = is_mvtec(name) ? (fs::path(name) / "test").string() : name;
  const std::shared_ptr<const Source> source = open_source(options);
  if (source->has_points()) fail("{}: holds points, accepted: images", name);
  for (const auto& [reason, count] : source->ignored()) ignored_[reason] += count;
  for (auto& reason : source->incomplete()) incomplete_.push_back(std::move(reason));
  for (int64_t i = 0; i < source->size(); ++i) items_.push_back({"", source, options.source, i, ""});
}

const Inputs::Item& Inputs::readable(int64_t index) const {
  const auto& item = items_[static_cast<size_t>(index)];
  if (!item.wrong.empty()) fail("{}", item.wrong);
  return item;
}

std::string Inputs::name(int64_t index) const {
  const auto& item = items_[static_cast<size_t>(index)];
  if (!item.source) return item.file;
  const fs::path set = item.source_name;
  const auto name = item.source->name(item.index);
  // Items of an IDX file or an archive are called by it already.
  const auto file = set.filename().string();
  const bool named = name.starts_with(file + "#") || (name.starts_with(file + "/") && fs::is_regular_file(set));
  return (named ? set.parent_path() / name : set / name).string();
}

std::string Inputs::place(int64_t index) const {
  const auto& item = items_[static_cast<size_t>(index)];
  return item.source ? item.source->name(item.index) : fs::path(item.file).filename().string();
}

std::string Inputs::bytes(int64_t index) const {
  const auto& item = readable(index);
  return item.source ? item.source->file_bytes(item.index) : read_file(item.file);
}

Pixels Inputs::read(int64_t index) const {
  const auto& item = readable(index);
  DeepCount count;
  const DecodeGoal goal{.levels = levels_, .count = &count};
  auto image =
      item.source ? item.source->decode(item.index, goal) : decode_image(read_file(item.file), item.file, goal);
  account(count);
  return image;
}

std::unique_ptr<RowReader> Inputs::open(int64_t index) const {
  const auto& item = readable(index);
  const auto name = item.source ? item.source->name(item.index) : item.file;
  auto bytes = this->bytes(index);
  if (item.source && bytes.empty()) return rows_of(item.source->decode(item.index, {}), name);
  DeepCount count;
  auto rows = open_rows(std::move(bytes), name, {.levels = levels_, .count = &count});
  account(count);
  return rows;
}

void Inputs::account(const DeepCount& count) const {
  deep_ += count.values > 0;
  clipped_ += count.beyond > 0;
}

bool is_seen_in_tiles(int64_t height, int64_t width, const ImageShape& shape, const std::string& name,
                      const std::string& resize) {
  if (!resize.empty()) return false;
  if (height < shape.height || width < shape.width) {
    fail("{}: received {}x{} (height x width), accepted by the model: {}x{} and larger, or any size with option resize",
         name, height, width, shape.height, shape.width);
  }
  return true;
}

Pixels to_model_shape(Pixels image, const ImageShape& shape, const std::string& name, const std::string& resize) {
  if (resize.empty() && (image.height != shape.height || image.width != shape.width)) {
    fail("{}: received {}x{} (height x width), accepted by the model: {}x{}, or any size with option resize", name,
         image.height, image.width, shape.height, shape.width);
  }
  return fit_image(std::move(image), shape, parse_fit(resize.empty() ? "crop" : resize));
}

}  // namespace forger
