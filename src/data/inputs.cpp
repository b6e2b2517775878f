#include "data/inputs.h"

#include <filesystem>
#include <utility>

#include "core/fail.h"
#include "core/files.h"
#include "data/mvtec.h"
#include "image/resize.h"

namespace forger {

Inputs::Inputs(const std::vector<std::string>& names) {
  for (const auto& name : names) {
    if (std::filesystem::is_regular_file(name) && format_of_extension(name)) {
      items_.push_back({name, nullptr, "", 0});
      continue;
    }
    DataOptions options;
    // Of a set with a part to train on, the other part is what one wants to look at.
    options.source = is_mvtec(name) ? (std::filesystem::path(name) / "test").string() : name;
    auto source = open_source(options);
    if (source->has_points()) fail("{}: holds points, accepted: images", name);
    for (int64_t i = 0; i < source->size(); ++i) items_.push_back({"", source, options.source, i});
  }
}

std::string Inputs::name(int64_t index) const {
  const auto& item = items_[static_cast<size_t>(index)];
  return item.source ? (std::filesystem::path(item.source_name) / item.source->name(item.index)).string() : item.file;
}

Pixels Inputs::read(int64_t index) const {
  const auto& item = items_[static_cast<size_t>(index)];
  return item.source ? item.source->decode(item.index, {}) : decode_image(read_file(item.file), item.file);
}

std::unique_ptr<RowReader> Inputs::open(int64_t index) const {
  const auto& item = items_[static_cast<size_t>(index)];
  if (!item.source) return open_rows(read_file(item.file), item.file);
  const auto name = item.source->name(item.index);
  auto bytes = item.source->file_bytes(item.index);
  return bytes.empty() ? rows_of(item.source->decode(item.index, {}), name) : open_rows(std::move(bytes), name);
}

Pixels to_model_shape(Pixels image, const ImageShape& shape, const std::string& name, const std::string& resize) {
  if (resize.empty() && (image.height != shape.height || image.width != shape.width)) {
    fail("{}: received {}x{} (height x width), accepted by the model: {}x{}, or any size with --resize (evaluate: --fit)", name, image.height,
         image.width, shape.height, shape.width);
  }
  return fit_image(std::move(image), shape, parse_fit(resize.empty() ? "crop" : resize));
}

}  // namespace forger
