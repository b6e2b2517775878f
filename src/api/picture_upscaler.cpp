#include "api/picture_upscaler.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include "api/model_parts.h"
#include "api/row_output.h"
#include "api/video.h"
#include "core/fail.h"
#include "core/memory.h"
#include "core/plural.h"
#include "image/over_white.h"
#include "image/pixel_writer.h"
#include "image/wrapped_rows.h"
#include "players/precision.h"

namespace forger {
namespace {

constexpr int64_t kLeastTile = 32, kMostAutoTile = 1024, kMostTile = 65536;
/// Tiles that are smaller go to the network together, up to so many pixels.
constexpr int64_t kPixelsAtOnceCpu = 192 * 192, kPixelsAtOnceGpu = 1024 * 1024;
/// What lies farther than that behind a border is not looked at for a seamless one.
constexpr int64_t kMostWrapped = 64;

/// That the hook ended it.
struct Ended {};

UpscaleOptions checked(const UpscaleOptions& options) {
  if (!(options.scale >= 0 && options.scale <= 64)) {
    fail("option scale: received {}, accepted: above 0 up to 64, or 0: the model's", options.scale);
  }
  if (options.tile_px != 0 && (options.tile_px < kLeastTile || options.tile_px > kMostTile)) {
    fail("option tile: received {}, accepted: {} to {}, or 0: what fits", options.tile_px, kLeastTile, kMostTile);
  }
  if (options.quality < 1 || options.quality > 100)
    fail("option quality: received {}, accepted: 1 to 100", options.quality);
  constexpr std::array kPrecisions = {"auto", "bfloat16", "float32"};
  if (std::find(kPrecisions.begin(), kPrecisions.end(), options.precision) == kPrecisions.end()) {
    fail("option precision: received \"{}\", accepted: auto, bfloat16, float32", options.precision);
  }
  return options;
}

Enlarger enlarger_of(const Model::Implementation& model, const UpscaleOptions& options) {
  auto network = model.need_upscaler("upscale");
  if (const auto channels = model.file.source_shape.channels; channels != model.file.shape.channels) {
    fail("upscale: received a model that makes {} of {}, accepted: as many as it takes",
         counted(model.file.shape.channels, "channel"), channels);
  }
  return {std::move(network),
          model.file.shape.channels,
          model.device,
          {.bfloat16 = uses_bfloat16(options.precision, model.device), .tta = options.tta}};
}

Enlarger translator_of(const Model::Implementation& model, const TranslateOptions& options) {
  auto network = model.need_translator("translate", options.direction);
  const auto& file = model.file;
  const bool back = model.is_back(options.direction);
  return {std::move(network),
          (back ? file.source_shape : file.shape).channels,
          model.device,
          {.bfloat16 = uses_bfloat16(options.precision, model.device),
           .source_channels = (back ? file.shape : file.source_shape).channels,
           .kinds = back ? 0 : file.source_kinds}};
}

/// What a translation has in common with an enlargement. Alpha that the network does not take is laid over white.
UpscaleOptions as_upscale(const Model::Implementation& model, const TranslateOptions& options) {
  const bool back = model.is_back(options.direction);
  return {.tile_px = options.tile_px,
          .precision = options.precision,
          .alpha = (back ? model.info.channels : model.info.source_channels) == 4,
          .quality = options.quality};
}

/// Does `work` of the network; an Error of it becomes one of the picture.
template <class Work>
auto of_picture(const PictureJob& job, Work&& work) {
  try {
    return work();
  } catch (const Error& error) {
    throw ImageError(job.name + ": " + error.what());
  }
}

void expect_label_map(const Pixels& image, int64_t kinds, const char* what) {
  if (image.channels != 1)
    fail("{}: received {} channels, accepted: a label map [1, height, width]", what, image.channels);
  const auto most = std::ranges::max(image.values);
  if (most >= kinds)
    fail("{}: received the number {}, accepted: a label map of {} kinds, 0 to {}", what, most, kinds, kinds - 1);
}

int64_t wrapped_margin(const ImageRule& rule) {
  const int64_t margin = std::min(rule.halo_px, kMostWrapped);
  return (margin + rule.multiple_px - 1) / rule.multiple_px * rule.multiple_px;
}

}  // namespace

PictureUpscaler::PictureUpscaler(const Model& model, const UpscaleOptions& options, UpscaleHooks hooks)
    : PictureUpscaler(model, checked(options), std::move(hooks), enlarger_of(*model.implementation_, options)) {}

PictureUpscaler::PictureUpscaler(const Model& model, const TranslateOptions& options, UpscaleHooks hooks)
    : PictureUpscaler(model, checked(as_upscale(*model.implementation_, options)), std::move(hooks),
                      translator_of(*model.implementation_, options)) {
  seed_ = options.seed;
  draws_ = model.info().has_variety && !options.deterministic;
}

PictureUpscaler::PictureUpscaler(const Model& model, const UpscaleOptions& options, UpscaleHooks hooks,
                                 Enlarger enlarger)
    : options_(options),
      hooks_(std::move(hooks)),
      on_cpu_(model.implementation_->device.is_cpu()),
      weights_(model.info().weights),
      enlarger_(std::move(enlarger)),
      scale_(options.scale > 0 ? options.scale : static_cast<double>(enlarger_.rule(3).scale)),
      most_tile_px_(options.tile_px > 0        ? options.tile_px
                    : enlarger_.changes_kind() ? kMostTile
                                               : kMostAutoTile) {}

int64_t PictureUpscaler::scaled(int64_t side_px, int64_t multiple_px) const {
  const double units = static_cast<double>(side_px) * scale_ / static_cast<double>(multiple_px);
  return std::max<int64_t>(std::llround(units), 1) * multiple_px;
}

/// The largest tile that fits into free memory with what is held of the picture, and whose work is done in some seconds
/// by a processor: nobody sees a call go on, or can end it, before a tile is done. A translation is of the whole
/// picture where memory allows: its layers may go by what all of it holds.
int64_t PictureUpscaler::fitting_tile(const PictureJob& job) {
  constexpr int64_t kMostBytes = int64_t{3} << 29;  // 1.5 GiB
  constexpr double kMostWork = 1.5e12;              // products, one for each weight and pixel
  const bool prefers_whole = enlarger_.changes_kind();
  const int64_t half_free = free_memory_bytes() / 2,
                budget = prefers_whole ? half_free : std::min(kMostBytes, half_free);
  const auto opened = job.open();
  const auto& rows = *opened;
  const auto rule = enlarger_.rule(rows.channels());
  const int64_t bytes_per_pixel = on_cpu_ ? of_picture(job, [&] { return enlarger_.bytes_per_pixel(); }) : 0;
  const auto fits = [&](int64_t tile) {
    const int64_t side = tiling_for(rule, tile).height_px;
    const int64_t height = std::min(side, rows.height()), width = std::min(side, rows.width());
    const int64_t row = rule.scale * rule.scale * rows.width() * rows.channels() * static_cast<int64_t>(sizeof(float));
    const double work = static_cast<double>(height * width) * static_cast<double>(weights_);
    if (on_cpu_ && !prefers_whole && work > kMostWork) return false;
    return height * width * bytes_per_pixel + height * (row + rows.row_bytes()) <= budget;
  };
  int64_t tile = most_tile_px_;
  const int64_t least = std::max(kLeastTile, rule.multiple_px), side = std::max(rows.height(), rows.width());
  if (prefers_whole) tile = std::clamp(side, least, std::max(tile, least));
  while (tile > least && !fits(tile)) tile = std::max(tile * 3 / 4, least);
  if (prefers_whole && tile < side && hooks_.on_message) {
    hooks_.on_message(
        fmt::format("{}: not enough memory for the whole picture; going on in tiles of {} pixels, which may "
                    "differ from it",
                    job.name, tile));
  }
  return tile;
}

bool PictureUpscaler::upscale(const PictureJob& job) {
  try {
    int64_t tile = options_.tile_px > 0 ? most_tile_px_ : 0;
    for (bool batches = true;; batches = false) {
      try {
        if (tile == 0) tile = fitting_tile(job);
        run(job, tile, batches);
        return true;
      } catch (const ImageError&) {
        throw;
      } catch (const std::exception&) {
        if (!is_out_of_memory()) throw;
        if (tile / 2 < kLeastTile) throw ImageError(job.name + ": not enough memory, even for small tiles");
      }
      tile = most_tile_px_ = tile / 2;
      if (hooks_.on_message) {
        hooks_.on_message(fmt::format("{}: not enough memory; going on in tiles of {} pixels", job.name, tile));
      }
    }
  } catch (const Ended&) {
    return false;
  }
}

void PictureUpscaler::run(const PictureJob& job, int64_t tile_px, bool batches) {
  const auto open = [&] {
    auto rows = job.open();
    return rows->channels() == 4 && !options_.alpha ? over_white(std::move(rows), job.name) : std::move(rows);
  };
  auto rows = open();
  Tiling tiling = tiling_for(enlarger_.rule(rows->channels()), tile_px);
  const int64_t at_once = on_cpu_ ? kPixelsAtOnceCpu : kPixelsAtOnceGpu;
  tiling.tiles_at_once = batches ? std::max<int64_t>(at_once / (tiling.height_px * tiling.width_px), 1) : 1;
  const int64_t colors = job.is_grey ? 1 : std::min<int64_t>(rows->channels(), 3);
  const bool keeps_kind = !enlarger_.changes_kind();
  RowOutputShape shape{.height = rows->height(), .width = rows->width(), .scale = tiling.rule.scale};
  shape.to = {.height = scaled(rows->height(), job.multiple_px),
              .width = scaled(rows->width(), job.multiple_px),
              .channels = keeps_kind ? colors + (rows->channels() == 4 ? 1 : 0) : enlarger_.made_channels(),
              .bit_depth = job.deep ? static_cast<int>(8 * rows->value_bytes()) : 8,
              .profile = keeps_kind ? job.profile : ""};
  auto writer = job.write(shape.to);
  if (options_.wrap) {
    shape.margin = wrapped_margin(tiling.rule);
    rows = wrapped_rows(open, shape.margin, job.name);
  }
  enlarger_.draw(draws_ ? std::optional(seed_) : std::nullopt);
  const int64_t again_before = enlarger_.again();
  int64_t done = 0, all = 1;
  Tiler tiler(tiling, [&](const at::Tensor& tiles) -> Tiler::Made {
    if (hooks_.goes_on && !hooks_.goes_on(static_cast<double>(done) / static_cast<double>(all))) throw Ended();
    done += tiles.size(0);
    return {of_picture(job, [&] { return enlarger_.enlarge(tiles, job.is_grey); })};
  });
  all = tiler.tiles_of(rows->height(), rows->width());
  tiler.add(*rows, std::make_unique<RowOutput>(shape, *writer));
  tiler.finish();
  writer->finish();
  if (const auto again = enlarger_.again() - again_before; again > 0 && hooks_.on_message) {
    hooks_.on_message(
        fmt::format("{}: {} of {} tiles computed again in float32, as bfloat16 gave no colours", job.name, again, all));
  }
}

at::Tensor PictureUpscaler::upscale_pixels(const at::Tensor& pixels, const char* what) {
  const int64_t channels = pixels.dim() == 3 ? pixels.size(0) : 0;
  const bool known = channels == 1 || channels == 3 || channels == 4;
  if (!known || pixels.scalar_type() != at::kByte || pixels.numel() == 0) {
    fail("{}: received {} [{}], accepted: one uint8 image [1, 3 or 4, height, width]", what,
         c10::toString(pixels.scalar_type()), fmt::join(pixels.sizes(), ", "));
  }
  const Pixels image = to_pixels(pixels);
  if (const int64_t kinds = enlarger_.kinds(); kinds > 0) expect_label_map(image, kinds, what);
  Pixels made;
  PictureJob job{.name = "the image"};
  job.open = [&] { return rows_of(image, "the image"); };
  job.is_grey = channels == 1;
  job.write = [&](const PictureShape& shape) { return std::make_unique<PixelWriter>(made, shape); };
  upscale(job);
  return to_tensor(made);
}

bool PictureUpscaler::upscale_file(std::shared_ptr<const std::string> bytes, const std::string& name,
                                   const std::filesystem::path& out, ImageFormat format) {
  PictureJob job{.name = name};
  const ImageInfo info = as_image_error([&] { return image_info(*bytes, name); });
  const int64_t kinds = enlarger_.kinds();
  job.open = [&] {
    if (kinds == 0) return open_deep_rows(bytes, name);
    return rows_of(as_image_error([&] { return decode_image(*bytes, name, {.kinds = kinds}); }), name);
  };
  if (info.alpha && format == ImageFormat::jpeg && kinds == 0) {
    job.open = [&] { return over_white(open_deep_rows(bytes, name), name); };
  }
  if (format == ImageFormat::jpeg && enlarger_.changes_kind() && enlarger_.made_channels() == 4) {
    throw ImageError(name + ": the model makes pictures that may be see-through, accepted: PNG, WebP");
  }
  job.is_grey = kinds > 0 || info.mode.starts_with("grey");
  job.deep = format == ImageFormat::png;
  job.profile = as_image_error([&] { return icc_profile(*bytes, name); });
  job.write = [&](const PictureShape& shape) {
    return open_writer(out, format, shape, static_cast<int>(options_.quality));
  };
  return upscale(job);
}

bool PictureUpscaler::upscale_video(const std::filesystem::path& in, const std::filesystem::path& out) {
  const auto info = video_info(in);
  if (info.uneven && hooks_.on_message) {
    hooks_.on_message(in.string() + ": its frames do not last equally long; they will, with the same mean rate");
  }
  VideoReader frames(in, info);
  std::unique_ptr<VideoWriter> writer;
  Pixels made;
  const auto goes_on = std::exchange(hooks_.goes_on, nullptr);
  const auto put_back = [&] { hooks_.goes_on = goes_on; };
  try {
    for (int64_t count = 0; auto frame = frames.next(); ++count) {
      const auto all = static_cast<double>(std::max(info.frames, count + 1));
      if (goes_on && !goes_on(static_cast<double>(count) / all)) {
        put_back();
        return false;
      }
      PictureJob job{.name = in.string()};
      job.open = [&] { return rows_of(*frame, in.string()); };
      job.write = [&](const PictureShape& shape) { return std::make_unique<PixelWriter>(made, shape); };
      job.multiple_px = 2;  // as the codecs ask for
      upscale(job);
      if (!writer) writer = std::make_unique<VideoWriter>(out, in, info, made.height, made.width);
      writer->write(made);
    }
    if (!writer) fail("{}: has no frames", in.string());
    writer->finish();
  } catch (...) {
    put_back();
    throw;
  }
  put_back();
  return true;
}

}  // namespace forger
