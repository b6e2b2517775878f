#include "image/image_file.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "core/fail.h"
#include "image/codecs.h"

namespace forger {
namespace {

using namespace std::string_view_literals;

/// The format that the first bytes show.
ImageFormat sniff(std::string_view bytes) {
  if (bytes.empty()) fail("empty file");
  if (bytes.substr(0, 8) == "\x89PNG\r\n\x1a\n"sv) return ImageFormat::png;
  if (bytes.substr(0, 3) == "\xFF\xD8\xFF"sv) return ImageFormat::jpeg;
  if (bytes.substr(0, 4) == "RIFF"sv && bytes.size() >= 12 && bytes.substr(8, 4) == "WEBP"sv) return ImageFormat::webp;
  const bool gif = bytes.substr(0, 4) == "GIF8"sv,
             tiff = bytes.substr(0, 4) == "II*\0"sv || bytes.substr(0, 4) == "MM\0*"sv;
  fail("{}, accepted: PNG, JPEG, WebP", gif                            ? "a GIF file"
                                        : tiff                         ? "a TIFF file"
                                        : bytes.substr(0, 2) == "BM"sv ? "a BMP file"
                                                                       : "not an image (its first bytes are unknown)");
}

ImageInfo stored_info(std::string_view bytes) {
  ImageInfo info;
  switch (sniff(bytes)) {
    case ImageFormat::png: info = codecs::png_info(bytes); break;
    case ImageFormat::jpeg: info = codecs::jpeg_info(bytes); break;
    case ImageFormat::webp: info = codecs::webp_info(bytes); break;
  }
  if (info.height > kMaxImagePixels / std::max<int64_t>(info.width, 1)) {
    fail("{} x {} pixels, accepted: at most {} pixels", info.width, info.height, kMaxImagePixels);
  }
  return info;
}

/// In stored orientation.
Pixels label_map_in(std::string_view bytes, const ImageInfo& info, int64_t kinds) {
  if (!may_be_label_map(info)) {
    fail("is a {} of {} pixels, accepted: a label map, a PNG whose grey levels or palette numbers are kinds, 0 to {}",
         format_name(info.format), info.mode, kinds - 1);
  }
  const auto numbers = codecs::png_numbers(bytes);
  Pixels map(info.height, info.width, 1);
  for (size_t i = 0; i < numbers.size(); ++i) {
    if (numbers[i] >= kinds) {
      fail("holds the number {}, accepted: a label map of {} kinds, 0 to {}", numbers[i], kinds, kinds - 1);
    }
    map.values[i] = static_cast<uint8_t>(numbers[i]);
  }
  return map;
}

}  // namespace

std::string format_name(ImageFormat format) {
  return format == ImageFormat::png ? "PNG" : format == ImageFormat::jpeg ? "JPEG" : "WebP";
}

std::optional<ImageFormat> format_of_extension(std::string_view file_name) {
  const size_t dot = file_name.rfind('.');
  if (dot == std::string_view::npos) return std::nullopt;
  std::string extension(file_name.substr(dot + 1));
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  if (extension == "png") return ImageFormat::png;
  if (extension == "webp") return ImageFormat::webp;
  if (extension == "jpg" || extension == "jpeg" || extension == "jpe" || extension == "jfif") return ImageFormat::jpeg;
  return std::nullopt;
}

ImageInfo image_info(std::string_view bytes, const std::string& name) {
  return codecs::naming(name, [&] {
    ImageInfo info = stored_info(bytes);
    if (info.orientation >= 5) std::swap(info.height, info.width);
    return info;
  });
}

std::string icc_profile(std::string_view bytes, const std::string& name) {
  return codecs::naming(name, [&] {
    const ImageInfo info = stored_info(bytes);
    std::string profile;
    switch (info.format) {
      case ImageFormat::png: profile = codecs::png_profile(bytes); break;
      case ImageFormat::jpeg: profile = codecs::jpeg_profile(bytes); break;
      case ImageFormat::webp: profile = codecs::webp_profile(bytes); break;
    }
    constexpr size_t kColorSpace = 16;  // where the header names it
    const auto* wanted = info.mode.starts_with("grey") ? "GRAY" : "RGB ";
    return profile.size() > kColorSpace + 4 && profile.substr(kColorSpace, 4) == wanted ? profile : std::string();
  });
}

bool may_be_label_map(const ImageInfo& info) {
  return info.format == ImageFormat::png && (info.mode == "grey" || info.mode.starts_with("palette"));
}

Pixels decode_image(std::string_view bytes, const std::string& name, const DecodeGoal& goal) {
  return codecs::naming(name, [&] {
    const ImageInfo info = stored_info(bytes);
    if (goal.kinds > 0) return to_upright(label_map_in(bytes, info, goal.kinds), info.orientation);
    DecodeGoal stored_goal = goal;
    if (info.orientation >= 5) std::swap(stored_goal.height, stored_goal.width);
    Pixels image;
    switch (info.format) {
      case ImageFormat::png: image = codecs::decode_png(bytes, goal); break;
      case ImageFormat::jpeg: image = codecs::decode_jpeg(bytes, stored_goal); break;
      case ImageFormat::webp: image = codecs::decode_webp(bytes); break;
    }
    return to_upright(std::move(image), info.orientation);
  });
}

std::vector<uint16_t> deep_colors(std::string_view bytes, const std::string& name) {
  return codecs::naming(name, [&] {
    const ImageInfo info = stored_info(bytes);
    return info.bit_depth == 16 ? codecs::deep_png_colors(bytes) : std::vector<uint16_t>{};
  });
}

}  // namespace forger
