#include <webp/decode.h>
#include <webp/demux.h>

#include <cstring>
#include <memory>
#include <string>

#include "core/fail.h"
#include "image/codecs.h"

namespace forger::codecs {
namespace {

const uint8_t* data_of(std::string_view bytes) { return reinterpret_cast<const uint8_t*>(bytes.data()); }

WebPBitstreamFeatures features_of(std::string_view bytes) {
  WebPBitstreamFeatures features{};
  if (WebPGetFeatures(data_of(bytes), bytes.size(), &features) != VP8_STATUS_OK) fail("damaged header");
  return features;
}

/// A chunk of what stands beside the pixels, "EXIF" or "ICCP"; empty where there is none.
std::string chunk_of(std::string_view bytes, const char* kind) {
  const WebPData data{data_of(bytes), bytes.size()};
  const std::unique_ptr<WebPDemuxer, void (*)(WebPDemuxer*)> demuxer(WebPDemux(&data), WebPDemuxDelete);
  std::string content;
  WebPChunkIterator chunk{};
  if (demuxer && WebPDemuxGetChunk(demuxer.get(), kind, 1, &chunk)) {
    content.assign(reinterpret_cast<const char*>(chunk.chunk.bytes), chunk.chunk.size);
    WebPDemuxReleaseChunkIterator(&chunk);
  }
  return content;
}

Pixels decode_first_frame(std::string_view bytes, const WebPBitstreamFeatures& features) {
  const WebPData data{data_of(bytes), bytes.size()};
  WebPAnimDecoderOptions options;
  if (!WebPAnimDecoderOptionsInit(&options)) fail("cannot decode animations with this libwebp");
  options.color_mode = MODE_RGBA;
  options.use_threads = 0;
  const std::unique_ptr<WebPAnimDecoder, void (*)(WebPAnimDecoder*)> decoder(WebPAnimDecoderNew(&data, &options),
                                                                             WebPAnimDecoderDelete);
  uint8_t* frame = nullptr;
  int timestamp = 0;
  if (!decoder || !WebPAnimDecoderGetNext(decoder.get(), &frame, &timestamp)) fail("damaged or cut short (animation)");
  Pixels image(features.height, features.width, 4);
  std::memcpy(image.values.data(), frame, image.values.size());
  return features.has_alpha ? image : to_channels(std::move(image), 3);
}

}  // namespace

ImageInfo webp_info(std::string_view bytes) {
  const WebPBitstreamFeatures features = features_of(bytes);
  ImageInfo info;
  info.format = ImageFormat::webp;
  info.height = features.height;
  info.width = features.width;
  info.alpha = features.has_alpha != 0;
  info.channels = info.alpha ? 4 : 3;
  info.mode = info.alpha ? "RGBA" : "RGB";
  info.lossy = features.format != 2;  // 2: all of it is lossless
  info.animated = features.has_animation != 0;
  info.orientation = exif_orientation(chunk_of(bytes, "EXIF"));
  info.other_profile = is_other_profile(chunk_of(bytes, "ICCP"));
  return info;
}

std::string webp_profile(std::string_view bytes) { return chunk_of(bytes, "ICCP"); }

Pixels decode_webp(std::string_view bytes) {
  const WebPBitstreamFeatures features = features_of(bytes);
  if (features.has_animation) return decode_first_frame(bytes, features);
  Pixels image(features.height, features.width, features.has_alpha ? 4 : 3);
  const int stride = static_cast<int>(image.width * image.channels);
  const uint8_t* decoded =
      features.has_alpha
          ? WebPDecodeRGBAInto(data_of(bytes), bytes.size(), image.values.data(), image.values.size(), stride)
          : WebPDecodeRGBInto(data_of(bytes), bytes.size(), image.values.data(), image.values.size(), stride);
  if (!decoded) fail("damaged or cut short");
  return image;
}

}  // namespace forger::codecs
