#include "data/samples.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <tuple>
#include <utility>
#include <vector>

#include "core/fail.h"
#include "core/interruption.h"
#include "core/npz.h"
#include "core/random.h"
#include "core/torch.h"
#include "data/parallel.h"
#include "data/source.h"
#include "image/grid.h"
#include "image/resize.h"

namespace forger {
namespace {

constexpr size_t kImagesAtOnce = 512;

std::vector<int64_t> shuffled(int64_t size, at::Generator random) {
  const auto order = at::randperm(size, random, at::kLong);
  const auto* first = order.const_data_ptr<int64_t>();
  return {first, first + size};
}

/// `most` of `size` samples, always the same ones.
std::vector<int64_t> chosen(int64_t size, int64_t most) {
  auto items = shuffled(size, make_random(derive_seed(0, Stream::sample)));
  items.resize(static_cast<size_t>(std::min(size, most)));
  return items;
}

std::string shape_text(const at::Tensor& array) {
  return fmt::format("{} [{}]", c10::toString(array.scalar_type()), fmt::join(array.sizes(), ", "));
}

at::Tensor points_of(const at::Tensor& array, const std::string& path) {
  if (array.dim() != 2 || array.size(1) != 2 || !array.is_floating_point()) {
    fail("{}: received points of {}, accepted: float [N, 2]", path, shape_text(array));
  }
  return array.to(at::kFloat).view({-1, 2, 1, 1});
}

at::Tensor pictures_of(const at::Tensor& array, const std::string& path) {
  if (array.is_floating_point() && !at::isfinite(array).all().item<bool>()) {
    fail("{}: the samples hold NaN or infinity, accepted: uint8 [N, H, W, C]", path);
  }
  const auto images = array.dim() == 3 ? array.unsqueeze(3) : array;
  if (images.scalar_type() != at::kByte || images.dim() != 4) {
    fail("{}: received images of {}, accepted: uint8 [N, H, W, C] or [N, H, W]", path, shape_text(array));
  }
  const int64_t channels = images.size(3);
  if (channels != 1 && channels != 3 && channels != 4) {
    const int64_t second = images.size(1);
    fail("{}: received images of {} channels, accepted: 1 (grey), 3 (RGB) or 4 (RGBA), last in [N, H, W, C]{}", path,
         channels, second == 1 || second == 3 || second == 4 ? "; these look like [N, C, H, W]" : "");
  }
  return images.permute({0, 3, 1, 2});
}

/// Items of a set; those that cannot be read have no image.
std::vector<Item> decoded(const Dataset& dataset, const int64_t* items, int64_t count) {
  std::vector<Item> loaded(static_cast<size_t>(count));
  parallel_items(count, worker_count(0), [&](int64_t i) {
    try {
      loaded[static_cast<size_t>(i)] = dataset.get(items[i], kFixedDraw);
    } catch (const Error&) {  // the training and the doctor name it
    }
  });
  return loaded;
}

at::Tensor stacked(const std::vector<at::Tensor>& images) {
  const auto all = at::stack(images).contiguous();
  return all.scalar_type() == at::kByte ? to_floats(all) : all;
}

/// Images or points `[N, …]` as load_samples gives them, at most `most`.
at::Tensor some_of(at::Tensor all, const std::string& path, int64_t most) {
  if (all.numel() == 0) fail("{}: received {} samples without a pixel, accepted: images", path, all.size(0));
  if (all.size(0) > most) all = all.index_select(0, at::tensor(chosen(all.size(0), most), at::kLong));
  return all.scalar_type() == at::kByte ? to_floats(all.contiguous()) : all;
}

at::Tensor read_archive(const std::string& path, int64_t most) {
  const auto arrays = read_npz(path);
  const auto find = [&](const char* name) {
    const auto found = arrays.find(name);
    return found == arrays.end() ? at::Tensor() : found->second;
  };
  const auto points = find("points");
  auto images = find("images");
  if (!points.defined() && !images.defined()) {
    if (arrays.size() != 1) fail("{}: received {} arrays, accepted: one named images or points", path, arrays.size());
    images = arrays.begin()->second;
  }
  return some_of(images.defined() ? pictures_of(images, path) : points_of(points, path), path, most);
}

at::Tensor read_array(const std::string& path, int64_t most) {
  const auto array = read_npy(path);
  const bool points = array.dim() == 2 && array.size(1) == 2 && array.is_floating_point();
  return some_of(points ? points_of(array, path) : pictures_of(array, path), path, most);
}

Pixels sized(Pixels image, int64_t height_px, int64_t width_px) {
  if (image.height == height_px && image.width == width_px) return image;
  return resize(image, height_px, width_px);
}

/// The items of a source; `[0, 0]`: all have one size.
FittedSamples decode_all(const Source& source, const std::string& path, const std::vector<int64_t>& items,
                         int64_t height_px, int64_t width_px, const Levels& levels) {
  FittedSamples found;
  int64_t channels = 1;
  for (const int64_t item : items) {
    const auto info = source.info(item);
    channels = std::max(channels, info.channels);
    found.sizes.emplace(info.height, info.width);
    if (height_px == 0 && found.sizes.size() > 1) {
      const auto first = source.info(items.front());
      fail(
          "{}: received samples of {}x{} ({}) and {}x{} pixels ({}), accepted: one size (width x height), or any with "
          "option resize",
          path, first.width, first.height, source.name(items.front()), info.width, info.height, source.name(item));
    }
  }
  if (height_px == 0) std::tie(height_px, width_px) = *found.sizes.begin();
  auto pixels = at::empty({static_cast<int64_t>(items.size()), channels, height_px, width_px}, at::kByte);
  parallel_items(pixels.size(0), worker_count(0), [&](int64_t i) {
    auto image = to_channels(source.decode(items[static_cast<size_t>(i)], {.levels = levels}), channels);
    pixels[i].copy_(to_tensor(sized(std::move(image), height_px, width_px)));
  });
  found.images = to_floats(pixels);
  return found;
}

/// `[0, 0]`: all have one size, which they keep.
FittedSamples load_all(const std::string& path, int64_t most, int64_t height_px, int64_t width_px,
                       const Levels& levels) {
  FittedSamples found;
  const auto extension = std::filesystem::path(path).extension();
  if (extension == ".npz" || extension == ".npy") {
    found.images = extension == ".npz" ? read_archive(path, most) : read_array(path, most);
    const int64_t height = found.images.size(2), width = found.images.size(3);
    found.sizes = {{height, width}};
    const bool points = height == 1 && width == 1;
    if (height_px > 0 && !points && (height != height_px || width != width_px)) {
      const auto bytes = to_bytes(found.images);
      std::vector<at::Tensor> images;
      for (const auto& image : bytes.unbind())
        images.push_back(to_tensor(sized(to_pixels(image), height_px, width_px)));
      found.images = to_floats(at::stack(images).contiguous());
    }
  } else {
    DataOptions options;
    options.source = path;
    const auto source = open_source(options);
    // Samples of which some may be missing would give another measure than those that were meant.
    if (const auto incomplete = source->incomplete(); !incomplete.empty()) fail("{}", incomplete[0]);
    const auto items = chosen(source->size(), most);
    if (source->has_points()) {
      std::vector<at::Tensor> points;
      for (const int64_t item : items) points.push_back(source->point(item));
      found.images = at::stack(points);
    } else {
      found = decode_all(*source, path, items, height_px, width_px, levels);
    }
  }
  if (!at::isfinite(found.images).all().item<bool>())
    fail("{}: the samples hold NaN or infinity, accepted: numbers", path);
  return found;
}

}  // namespace

at::Tensor load_samples(const std::string& path, int64_t most, const Levels& levels) {
  return load_all(path, most, 0, 0, levels).images;
}

FittedSamples load_samples_fitted(const std::string& path, int64_t most, int64_t height_px, int64_t width_px,
                                  const Levels& levels) {
  return load_all(path, most, height_px, width_px, levels);
}

LabelledImages load_images(const Dataset& dataset, int64_t most, at::Generator random) {
  const auto items = shuffled(dataset.size(), std::move(random));
  std::vector<at::Tensor> images, sources;
  std::vector<int64_t> labels;
  for (size_t next = 0; next < items.size() && static_cast<int64_t>(images.size()) < most;) {
    go_on_unless_interrupted();
    const auto missing = std::min({items.size() - next, static_cast<size_t>(most) - images.size(), kImagesAtOnce});
    const auto loaded = decoded(dataset, items.data() + next, static_cast<int64_t>(missing));
    for (const auto& item : loaded) {
      if (!item.image.defined()) continue;
      images.push_back(item.image);
      if (item.source.defined()) sources.push_back(item.source);
      labels.push_back(item.label);
    }
    next += loaded.size();
  }
  if (images.empty()) fail("data: none of {} images can be read", items.size());
  return {stacked(images), sources.empty() ? at::Tensor() : stacked(sources), at::tensor(labels, at::kLong)};
}

at::Tensor load_items(const Dataset& dataset, std::vector<int64_t>& items) {
  const auto loaded = decoded(dataset, items.data(), static_cast<int64_t>(items.size()));
  std::vector<at::Tensor> images;
  std::vector<int64_t> readable;
  for (size_t i = 0; i < items.size(); ++i) {
    if (!loaded[i].image.defined()) continue;
    images.push_back(loaded[i].image);
    readable.push_back(items[i]);
  }
  items = std::move(readable);
  return images.empty() ? at::Tensor() : stacked(images);
}

ImageShape image_shape(const at::Tensor& images) { return {images.size(1), images.size(2), images.size(3)}; }

}  // namespace forger
