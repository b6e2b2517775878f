#include "image/jpeg.h"

#include <csetjmp>
#include <cstddef>
#include <cstdio>
#include <cstdlib>

// jpeglib.h needs size_t and FILE before it.
#include <jpeglib.h>

#include "core/fail.h"

namespace forger {
namespace {

struct EncoderErrors {
  jpeg_error_mgr manager;  // first, so that a pointer to it is a pointer to this
  std::jmp_buf escape;
  char message[JMSG_LENGTH_MAX];
};

[[noreturn]] void leave_encoder(j_common_ptr common) {
  auto* errors = reinterpret_cast<EncoderErrors*>(common->err);
  (*common->err->format_message)(common, errors->message);
  std::longjmp(errors->escape, 1);
}

/// libjpeg's memory, whatever way it was left.
struct JpegMemory {
  unsigned char* bytes = nullptr;
  unsigned long size = 0;  // NOLINT(google-runtime-int): libjpeg's type
  ~JpegMemory() { std::free(bytes); }
};

/// Holds no object that a jump out of libjpeg would leave behind.
bool compress(jpeg_compress_struct& encoder, EncoderErrors& errors, const Pixels& image, int quality,
              JpegMemory& memory) {
  if (setjmp(errors.escape)) return false;
  jpeg_create_compress(&encoder);
  jpeg_mem_dest(&encoder, &memory.bytes, &memory.size);
  encoder.image_width = static_cast<JDIMENSION>(image.width);
  encoder.image_height = static_cast<JDIMENSION>(image.height);
  encoder.input_components = static_cast<int>(image.channels);
  encoder.in_color_space = image.channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_set_defaults(&encoder);
  jpeg_set_quality(&encoder, quality, TRUE);
  jpeg_start_compress(&encoder, TRUE);
  while (encoder.next_scanline < encoder.image_height) {
    auto* row = const_cast<JSAMPROW>(image.row(encoder.next_scanline));  // only read
    jpeg_write_scanlines(&encoder, &row, 1);
  }
  jpeg_finish_compress(&encoder);
  return true;
}

}  // namespace

std::string encode_jpeg(const Pixels& image, int quality) {
  if (image.channels != 1 && image.channels != 3) {
    fail("JPEG: received {} channels, accepted: 1 (grey), 3 (RGB)", image.channels);
  }
  jpeg_compress_struct encoder = {};
  EncoderErrors errors = {};
  encoder.err = jpeg_std_error(&errors.manager);
  errors.manager.error_exit = leave_encoder;
  JpegMemory memory;
  const bool done = compress(encoder, errors, image, quality, memory);
  jpeg_destroy_compress(&encoder);
  if (!done) fail("JPEG: {}", errors.message);
  return {reinterpret_cast<const char*>(memory.bytes), memory.size};
}

}  // namespace forger
