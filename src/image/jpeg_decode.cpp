#include <csetjmp>
#include <cstddef>
#include <cstdio>

// jpeglib.h needs size_t and FILE before it.
#include <jerror.h>
#include <jpeglib.h>

#include "core/fail.h"
#include "image/codecs.h"

namespace forger::codecs {
namespace {

/// A progressive file may hold any number of scans, each of which costs a pass over the image. Real ones have
/// about 10.
constexpr int kMaxScans = 200;

struct ErrorState {
  jpeg_error_mgr manager;  // first, so that a pointer to it is a pointer to this
  std::jmp_buf escape;
  char message[JMSG_LENGTH_MAX];
};

[[noreturn]] void escape(j_common_ptr common) {
  auto* state = reinterpret_cast<ErrorState*>(common->err);
  (*common->err->format_message)(common, state->message);
  std::longjmp(state->escape, 1);
}

/// Warnings that leave every pixel as the file says. All others mean that data is missing and pixels are made
/// up.
bool is_harmless(int code) {
  return code == JWRN_EXTRANEOUS_DATA || code == JWRN_ADOBE_XFORM || code == JWRN_JFIF_MAJOR ||
         code == JWRN_BOGUS_PROGRESSION || code == JWRN_NOT_SEQUENTIAL || code == JWRN_BOGUS_ICC;
}

void on_message(j_common_ptr common, int level) {
  if (level < 0 && !is_harmless(common->err->msg_code)) escape(common);
}

void on_progress(j_common_ptr common) {
  if (!common->is_decompressor) return;
  auto* decoder = reinterpret_cast<j_decompress_ptr>(common);
  if (decoder->input_scan_number <= kMaxScans) return;
  auto* state = reinterpret_cast<ErrorState*>(common->err);
  std::snprintf(state->message, sizeof state->message, "more than %d scans", kMaxScans);
  std::longjmp(state->escape, 1);
}

bool is_cmyk(const jpeg_decompress_struct& decoder) {
  return decoder.jpeg_color_space == JCS_CMYK || decoder.jpeg_color_space == JCS_YCCK;
}

/// libjpeg reports errors by a jump; every method that calls it lands the jump itself and holds no object
/// that would need destruction, then throws.
class JpegReader : public RowDecoder {
 public:
  explicit JpegReader(std::string_view bytes) {
    decoder_.err = jpeg_std_error(&errors_.manager);
    errors_.manager.error_exit = escape;
    errors_.manager.emit_message = on_message;
    progress_.progress_monitor = on_progress;
    if (setjmp(errors_.escape)) fail("{}", errors_.message);
    jpeg_create_decompress(&decoder_);
    decoder_.progress = &progress_;
    jpeg_mem_src(&decoder_, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
    for (const int kept : {1, 2}) jpeg_save_markers(&decoder_, JPEG_APP0 + kept, 0xFFFF);  // EXIF, ICC
  }
  ~JpegReader() override { jpeg_destroy_decompress(&decoder_); }
  JpegReader(const JpegReader&) = delete;
  JpegReader& operator=(const JpegReader&) = delete;

  /// Sets what colours come out, too: grey, RGB or CMYK.
  void read_header() {
    if (setjmp(errors_.escape)) fail("damaged or cut short ({})", errors_.message);
    jpeg_read_header(&decoder_, TRUE);
    const bool grey = decoder_.jpeg_color_space == JCS_GRAYSCALE;
    decoder_.out_color_space = grey ? JCS_GRAYSCALE : is_cmyk(decoder_) ? JCS_CMYK : JCS_RGB;
  }

  /// Sets the scale to `eighths` / 8; what size comes out then stands in decoder().
  void set_scale(unsigned eighths) {
    if (setjmp(errors_.escape)) fail("damaged or cut short ({})", errors_.message);
    decoder_.scale_num = eighths;
    decoder_.scale_denom = 8;
    jpeg_calc_output_dimensions(&decoder_);
  }

  void start() {
    if (setjmp(errors_.escape)) fail("damaged or cut short ({})", errors_.message);
    jpeg_start_decompress(&decoder_);
  }

  /// After the last row the rest of the file is read, too.
  void read(uint8_t* row) override {
    if (setjmp(errors_.escape)) fail("damaged or cut short ({})", errors_.message);
    jpeg_read_scanlines(&decoder_, &row, 1);
    if (decoder_.output_scanline == decoder_.output_height) jpeg_finish_decompress(&decoder_);
  }

  jpeg_decompress_struct& decoder() { return decoder_; }

 private:
  jpeg_decompress_struct decoder_{};
  jpeg_progress_mgr progress_{};
  ErrorState errors_{};
};

int orientation_of(const jpeg_decompress_struct& decoder) {
  for (auto* marker = decoder.marker_list; marker; marker = marker->next) {
    const std::string_view data(reinterpret_cast<const char*>(marker->data), marker->data_length);
    if (data.substr(0, 4) == "Exif") return exif_orientation(data);
  }
  return 1;
}

/// A part of an ICC profile, of which the first one names the primaries; empty where there is none.
std::string_view profile_part(const jpeg_decompress_struct& decoder, int number) {
  constexpr size_t kHeader = 14;  // "ICC_PROFILE", its zero, number and count of the parts
  for (auto* marker = decoder.marker_list; marker; marker = marker->next) {
    const std::string_view data(reinterpret_cast<const char*>(marker->data), marker->data_length);
    if (data.size() > kHeader && data.substr(0, 11) == "ICC_PROFILE" && static_cast<uint8_t>(data[12]) == number)
      return data.substr(kHeader);
  }
  return {};
}

/// Inks, which CMYK JPEGs store inverted (Adobe's custom, which readers take for granted): 255 is no ink.
Pixels from_inks(const Pixels& inks) {
  Pixels image(inks.height, inks.width, 3);
  for (size_t i = 0, to = 0; i < inks.values.size(); i += 4) {
    for (size_t c = 0; c < 3; ++c) {
      const int product = inks.values[i + c] * inks.values[i + 3] + 128;
      image.values[to++] = static_cast<uint8_t>(((product >> 8) + product) >> 8);
    }
  }
  return image;
}

}  // namespace

std::unique_ptr<RowDecoder> jpeg_rows(std::string_view bytes) {
  auto reader = std::make_unique<JpegReader>(bytes);
  reader->read_header();
  if (is_cmyk(reader->decoder())) return nullptr;
  reader->start();
  return reader;
}

ImageInfo jpeg_info(std::string_view bytes) {
  JpegReader reader(bytes);
  reader.read_header();
  const auto& decoder = reader.decoder();
  ImageInfo info;
  info.format = ImageFormat::jpeg;
  info.height = decoder.image_height;
  info.width = decoder.image_width;
  info.channels = decoder.jpeg_color_space == JCS_GRAYSCALE ? 1 : 3;
  info.mode = info.channels == 1 ? "grey" : is_cmyk(decoder) ? "CMYK" : "RGB";
  info.lossy = true;
  info.orientation = orientation_of(decoder);
  info.other_profile = is_other_profile(profile_part(decoder, 1));
  return info;
}

std::string jpeg_profile(std::string_view bytes) {
  JpegReader reader(bytes);
  reader.read_header();
  std::string profile;
  for (int number = 1; number < 256; ++number) {
    const auto part = profile_part(reader.decoder(), number);
    if (part.empty()) break;
    profile += part;
  }
  return profile;
}

Pixels decode_jpeg(std::string_view bytes, const DecodeGoal& goal) {
  JpegReader reader(bytes);
  reader.read_header();
  auto& decoder = reader.decoder();
  for (unsigned eighths = goal.height > 0 ? 1 : 8; eighths <= 8; ++eighths) {
    reader.set_scale(eighths);
    const bool tall = decoder.output_height >= goal.height, wide = decoder.output_width >= goal.width;
    if (goal.both ? tall && wide : tall || wide) break;
  }
  if (decoder.scale_num > 8) reader.set_scale(8);
  Pixels image(decoder.output_height, decoder.output_width, decoder.out_color_components);
  reader.start();
  for (int64_t y = 0; y < image.height; ++y) reader.read(image.row(y));
  return decoder.out_color_space == JCS_CMYK ? from_inks(image) : image;
}

}  // namespace forger::codecs
