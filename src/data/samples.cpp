#include "data/samples.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <utility>
#include <vector>

#include "core/fail.h"
#include "core/npz.h"
#include "core/random.h"
#include "core/torch.h"
#include "data/parallel.h"
#include "data/source.h"
#include "image/grid.h"
#include "image/resize.h"

namespace forger {
namespace {

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

at::Tensor decode_all(const Source& source, const std::string& path, const std::vector<int64_t>& items, const Levels& levels) {
  const auto first = source.info(items.front());
  int64_t channels = 1;
  for (const int64_t item : items) {
    const auto info = source.info(item);
    channels = std::max(channels, info.channels);
    if (info.height != first.height || info.width != first.width) {
      fail("{}: received samples of {}x{} ({}) and {}x{} pixels ({}), accepted: one size (width x height)", path,
           first.width, first.height, source.name(items.front()), info.width, info.height, source.name(item));
    }
  }
  auto pixels = at::empty({static_cast<int64_t>(items.size()), channels, first.height, first.width}, at::kByte);
  parallel_items(pixels.size(0), worker_count(0), [&](int64_t i) {
    pixels[i].copy_(to_tensor(to_channels(source.decode(items[static_cast<size_t>(i)], {.levels = levels}), channels)));
  });
  return to_floats(pixels);
}

}  // namespace

at::Tensor load_samples(const std::string& path, int64_t most, const Levels& levels) {
  at::Tensor samples;
  if (std::filesystem::path(path).extension() == ".npz") {
    samples = read_archive(path, most);
  } else if (std::filesystem::path(path).extension() == ".npy") {
    samples = read_array(path, most);
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
      samples = at::stack(points);
    } else {
      samples = decode_all(*source, path, items, levels);
    }
  }
  if (!at::isfinite(samples).all().item<bool>()) fail("{}: the samples hold NaN or infinity, accepted: numbers", path);
  return samples;
}

LabelledImages load_images(const Dataset& dataset, int64_t most, at::Generator random) {
  const auto items = shuffled(dataset.size(), std::move(random));
  std::vector<at::Tensor> pixels;
  std::vector<int64_t> labels;
  for (size_t next = 0; next < items.size() && static_cast<int64_t>(pixels.size()) < most;) {
    std::vector<Sample> samples(std::min(items.size() - next, static_cast<size_t>(most) - pixels.size()));
    parallel_items(static_cast<int64_t>(samples.size()), worker_count(0), [&](int64_t i) {
      try {
        samples[static_cast<size_t>(i)] = dataset.get(items[next + static_cast<size_t>(i)]);
      } catch (const Error&) {  // the training and the doctor name it
      }
    });
    for (const auto& sample : samples) {
      if (!sample.pixels.defined()) continue;
      pixels.push_back(sample.pixels);
      labels.push_back(sample.label);
    }
    next += samples.size();
  }
  if (pixels.empty()) fail("data: none of {} images can be read", items.size());
  const auto all = at::stack(pixels).contiguous();
  return {all.scalar_type() == at::kByte ? to_floats(all) : all, at::tensor(labels, at::kLong)};
}

at::Tensor resize_samples(const at::Tensor& samples, int64_t height_px, int64_t width_px) {
  const auto bytes = to_bytes(samples);
  auto resized = at::empty({samples.size(0), samples.size(1), height_px, width_px}, at::kByte);
  for (int64_t i = 0; i < samples.size(0); ++i) {
    resized[i].copy_(to_tensor(resize(to_pixels(bytes[i]), height_px, width_px)));
  }
  return to_floats(resized);
}

ImageShape image_shape(const at::Tensor& images) { return {images.size(1), images.size(2), images.size(3)}; }

}  // namespace forger
