#include <webp/encode.h>
#include <webp/mux.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <string_view>

#include "core/fail.h"
#include "core/files.h"
#include "image/encoders.h"
#include "image/pixels.h"

namespace forger::codecs {
namespace {

/// Keeps the rows, as RGB or RGBA, until they are all there: the format needs them together.
class WebpWriter : public RowWriter {
 public:
  WebpWriter(const std::filesystem::path& path, const PictureShape& shape, int quality)
      : whole_(path),
        path_(path),
        shape_(shape),
        quality_(quality),
        pixels_(shape.height, shape.width, shape.channels % 2 == 0 ? 4 : 3) {}

  void write_row(const void* row) override {
    const auto* from = static_cast<const uint8_t*>(row);
    uint8_t* to = pixels_.row(next_++);
    if (shape_.channels >= 3) {
      std::copy_n(from, shape_.width * shape_.channels, to);
      return;
    }
    for (int64_t x = 0; x < shape_.width; ++x) {
      for (int c = 0; c < 3; ++c) *to++ = *from;
      ++from;
      if (shape_.channels == 2) *to++ = *from++;
    }
  }

  void finish() override {
    WebPMemoryWriter made;
    WebPMemoryWriterInit(&made);
    const std::unique_ptr<WebPMemoryWriter, void (*)(WebPMemoryWriter*)> clears(&made, WebPMemoryWriterClear);
    encode(made);
    pixels_ = {};
    write(made);
    whole_.commit();
  }

 private:
  void check(bool fine, const char* what) const {
    if (!fine) fail("cannot write {}: WebP: {}", path_.string(), what);
  }

  void encode(WebPMemoryWriter& made) const {
    WebPConfig config;
    const bool is_lossless = quality_ >= 100;
    check(WebPConfigPreset(&config, WEBP_PRESET_DEFAULT, static_cast<float>(quality_)) != 0, "another version");
    if (is_lossless) {
      constexpr int kUsualEffort = 6;
      check(WebPConfigLosslessPreset(&config, kUsualEffort) != 0, "another version");
      config.exact = 1;
    }
    WebPPicture picture;
    check(WebPPictureInit(&picture) != 0, "another version");
    const std::unique_ptr<WebPPicture, void (*)(WebPPicture*)> frees(&picture, WebPPictureFree);
    picture.use_argb = is_lossless ? 1 : 0;
    picture.width = static_cast<int>(shape_.width);
    picture.height = static_cast<int>(shape_.height);
    picture.writer = WebPMemoryWrite;
    picture.custom_ptr = &made;
    const int stride = static_cast<int>(pixels_.width * pixels_.channels);
    const auto import = pixels_.channels == 4 ? WebPPictureImportRGBA : WebPPictureImportRGB;
    check(import(&picture, pixels_.values.data(), stride) != 0, "not enough memory");
    if (WebPEncode(&config, &picture) != 0) return;
    check(picture.error_code != VP8_ENC_ERROR_OUT_OF_MEMORY, "not enough memory");
    fail("cannot write {}: WebP: error {}", path_.string(), static_cast<int>(picture.error_code));
  }

  /// With the profile around it, where there is one.
  void write(const WebPMemoryWriter& made) const {
    FileWriter file(whole_.temporary(), path_);
    const WebPData image{made.mem, made.size};
    if (shape_.profile.empty()) {
      file.write({reinterpret_cast<const char*>(image.bytes), image.size});
    } else {
      const std::unique_ptr<WebPMux, void (*)(WebPMux*)> mux(WebPMuxCreate(&image, 0), WebPMuxDelete);
      const WebPData profile{reinterpret_cast<const uint8_t*>(shape_.profile.data()), shape_.profile.size()};
      WebPData together{};
      const bool fine = mux && WebPMuxSetChunk(mux.get(), "ICCP", &profile, 0) == WEBP_MUX_OK &&
                        WebPMuxAssemble(mux.get(), &together) == WEBP_MUX_OK;
      const std::unique_ptr<WebPData, void (*)(WebPData*)> clears(&together, WebPDataClear);
      check(fine, "the profile does not fit");
      file.write({reinterpret_cast<const char*>(together.bytes), together.size});
    }
    file.close();
  }

  NewFile whole_;
  std::filesystem::path path_;
  PictureShape shape_;
  int quality_;
  Pixels pixels_;
  int64_t next_ = 0;
};

}  // namespace

std::unique_ptr<RowWriter> webp_writer(const std::filesystem::path& path, const PictureShape& shape, int quality) {
  return std::make_unique<WebpWriter>(path, shape, quality);
}

}  // namespace forger::codecs
