#include <spng.h>

#include <cstring>
#include <memory>
#include <utility>

#include "core/fail.h"
#include "image/codecs.h"

namespace forger::codecs {
namespace {

/// Text, profiles and the like that no pixel depends on; a file may not make us hold more.
constexpr size_t kMaxChunkBytes = size_t{64} << 20;

using Context = std::unique_ptr<spng_ctx, void (*)(spng_ctx*)>;

void check(int code) {
  if (code != SPNG_OK) fail("damaged or cut short ({})", spng_strerror(code));
}

Context open_png(std::string_view bytes) {
  Context context(spng_ctx_new(0), spng_ctx_free);
  if (!context) fail("not enough memory");
  check(spng_set_chunk_limits(context.get(), kMaxChunkBytes, kMaxChunkBytes));
  check(spng_set_png_buffer(context.get(), bytes.data(), bytes.size()));
  return context;
}

ImageInfo info_of(spng_ctx* context) {
  spng_ihdr header{};
  check(spng_get_ihdr(context, &header));
  ImageInfo info;
  info.format = ImageFormat::png;
  info.height = header.height;
  info.width = header.width;
  info.bit_depth = header.bit_depth;
  // What the header alone decides comes first: reading on to the transparency chunk may fail in a damaged
  // file.
  spng_trns transparency{};
  const bool keyed = spng_get_trns(context, &transparency) == SPNG_OK;
  const bool has_alpha = (header.color_type & 4) != 0;
  info.alpha = has_alpha || keyed;
  const bool grey =
      header.color_type == SPNG_COLOR_TYPE_GRAYSCALE || header.color_type == SPNG_COLOR_TYPE_GRAYSCALE_ALPHA;
  info.channels = info.alpha ? 4 : grey ? 1 : 3;
  if (header.color_type == SPNG_COLOR_TYPE_INDEXED) {
    info.mode = info.alpha ? "palette with alpha" : "palette";
    info.bit_depth = 8;  // of the colours, which is what the indices stand for
  } else {
    info.mode = grey ? (info.alpha ? "grey with alpha" : "grey") : (info.alpha ? "RGBA" : "RGB");
  }
  spng_iccp profile{};
  if (spng_get_iccp(context, &profile) == SPNG_OK)
    info.other_profile = is_other_profile({profile.profile, profile.profile_len});
  spng_exif exif{};
  if (spng_get_exif(context, &exif) == SPNG_OK) info.orientation = exif_orientation({exif.data, exif.length});
  return info;
}

/// Whether a chunk before the pixels says that there are frames (APNG), which the library does not know.
bool is_animated(std::string_view bytes) {
  constexpr size_t kSignature = 8, kAround = 12;  // length, kind and checksum of a chunk
  for (size_t at = kSignature; at + kAround <= bytes.size();) {
    const std::string_view kind = bytes.substr(at + 4, 4);
    if (kind == "acTL" || kind == "IDAT") return kind == "acTL";
    size_t length = 0;
    for (size_t i = 0; i < 4; ++i) length = length << 8 | static_cast<uint8_t>(bytes[at + i]);
    at += kAround + length;
  }
  return false;
}

/// Rows of 16-bit RGBA.
std::vector<uint16_t> deep_rgba(spng_ctx* context, const ImageInfo& info) {
  std::vector<uint16_t> wide(static_cast<size_t>(info.height * info.width * 4));
  check(spng_decode_image(context, wide.data(), wide.size() * 2, SPNG_FMT_RGBA16, SPNG_DECODE_TRNS));
  return wide;
}

/// Scaled and rounded; the library itself would cut the low byte off.
Pixels from_16_bits(const std::vector<uint16_t>& wide, const ImageInfo& info, const DecodeGoal& goal) {
  const Levels of_channel[] = {goal.levels, goal.levels, goal.levels, Levels{}};
  const size_t colors = info.mode.starts_with("grey") ? 1 : 3;
  Pixels image(info.height, info.width, info.channels);
  uint8_t* to = image.values.data();
  for (size_t i = 0; i < wide.size(); i += 4) {
    for (size_t c = 0; c < static_cast<size_t>(info.channels); ++c) *to++ = of_channel[c].of(wide[i + c]);
    for (size_t c = 0; c < colors && goal.count && wide[i + 3] > 0; ++c) {
      ++goal.count->values;
      goal.count->beyond += !goal.levels.holds(wide[i + c]);
    }
  }
  return image;
}

/// In the image's channels; values of two bytes come in the machine's order.
int format_of(const ImageInfo& info, bool deep) {
  if (deep) return info.channels == 4 ? SPNG_FMT_RGBA16 : SPNG_FMT_PNG;
  return info.channels == 1 ? SPNG_FMT_G8 : info.channels == 3 ? SPNG_FMT_RGB8 : SPNG_FMT_RGBA8;
}

class PngRows : public RowDecoder {
 public:
  PngRows(Context context, const ImageInfo& info, bool deep)
      : context_(std::move(context)),
        row_bytes_(static_cast<size_t>(info.width * info.channels * (deep ? 2 : 1))),
        left_(info.height) {
    check(spng_decode_image(context_.get(), nullptr, 0, format_of(info, deep),
                            SPNG_DECODE_TRNS | SPNG_DECODE_PROGRESSIVE));
  }
  void read(uint8_t* row) override {
    const int code = spng_decode_row(context_.get(), row, row_bytes_);
    --left_;
    if (code != SPNG_EOI || left_ > 0) check(code);
  }

 private:
  Context context_;
  size_t row_bytes_;
  int64_t left_;
};

}  // namespace

std::unique_ptr<RowDecoder> png_rows(std::string_view bytes, bool deep) {
  Context context = open_png(bytes);
  spng_ihdr header{};
  check(spng_get_ihdr(context.get(), &header));
  if (header.interlace_method != SPNG_INTERLACE_NONE || (header.bit_depth == 16) != deep) return nullptr;
  const ImageInfo info = info_of(context.get());
  return std::make_unique<PngRows>(std::move(context), info, deep);
}

ImageInfo png_info(std::string_view bytes) {
  const Context context = open_png(bytes);
  ImageInfo info = info_of(context.get());
  info.animated = is_animated(bytes);
  return info;
}

std::vector<uint16_t> decode_wide_png(std::string_view bytes) {
  const Context context = open_png(bytes);
  return deep_rgba(context.get(), info_of(context.get()));
}

std::vector<uint16_t> deep_png_colors(std::string_view bytes) {
  const Context context = open_png(bytes);
  const ImageInfo info = info_of(context.get());
  const auto wide = deep_rgba(context.get(), info);
  const size_t colors = info.mode.starts_with("grey") ? 1 : 3;
  std::vector<uint16_t> values;
  values.reserve(wide.size() / 4 * colors);
  for (size_t i = 0; i < wide.size(); i += 4) {
    for (size_t c = 0; c < colors && wide[i + 3] > 0; ++c) values.push_back(wide[i + c]);
  }
  return values;
}

Pixels decode_deep_png(std::string_view bytes) {
  const Context context = open_png(bytes);
  const ImageInfo info = info_of(context.get());
  Pixels image(info.height, info.width, 2 * info.channels);
  check(spng_decode_image(context.get(), image.values.data(), image.values.size(), format_of(info, true),
                          SPNG_DECODE_TRNS));
  return image;
}

std::vector<uint16_t> png_numbers(std::string_view bytes) {
  const Context context = open_png(bytes);
  spng_ihdr header{};
  check(spng_get_ihdr(context.get(), &header));
  size_t size = 0;
  check(spng_decoded_image_size(context.get(), SPNG_FMT_PNG, &size));
  std::vector<uint8_t> rows(size);
  check(spng_decode_image(context.get(), rows.data(), rows.size(), SPNG_FMT_PNG, 0));
  const size_t width = header.width, row_bytes = size / header.height, bits = header.bit_depth;
  std::vector<uint16_t> numbers(width * header.height);
  for (size_t i = 0; i < numbers.size(); ++i) {
    const uint8_t* row = rows.data() + i / width * row_bytes;
    const size_t bit = i % width * bits;
    if (bits == 16) {
      std::memcpy(&numbers[i], row + bit / 8, sizeof numbers[i]);  // in the machine's order
    } else {
      numbers[i] = static_cast<uint16_t>(row[bit / 8] >> (8 - bits - bit % 8) & ((1 << bits) - 1));
    }
  }
  return numbers;
}

std::string png_profile(std::string_view bytes) {
  const Context context = open_png(bytes);
  spng_iccp profile{};
  if (spng_get_iccp(context.get(), &profile) != SPNG_OK) return {};
  return {profile.profile, profile.profile_len};
}

Pixels decode_png(std::string_view bytes, const DecodeGoal& goal) {
  const Context context = open_png(bytes);
  const ImageInfo info = info_of(context.get());
  if (info.bit_depth == 16) return from_16_bits(deep_rgba(context.get(), info), info, goal);
  Pixels image(info.height, info.width, info.channels);
  check(spng_decode_image(context.get(), image.values.data(), image.values.size(), format_of(info, false),
                          SPNG_DECODE_TRNS));
  return image;
}

}  // namespace forger::codecs
