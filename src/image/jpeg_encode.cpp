#include <algorithm>
#include <cerrno>
#include <csetjmp>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>

// jpeglib.h needs size_t and FILE before it.
#include <jerror.h>
#include <jpeglib.h>

#include "core/fail.h"
#include "core/files.h"
#include "image/encoders.h"
#include "image/jpeg.h"

namespace forger::codecs {
namespace {

struct WriteErrorState {
  jpeg_error_mgr manager;  // first, so that a pointer to it is a pointer to this
  std::jmp_buf escape;
  int reason;  // errno of a write that failed, or 0
  char message[JMSG_LENGTH_MAX];
};

[[noreturn]] void escape_writing(j_common_ptr common) {
  auto* state = reinterpret_cast<WriteErrorState*>(common->err);
  state->reason = common->err->msg_code == JERR_FILE_WRITE ? errno : 0;
  (*common->err->format_message)(common, state->message);
  std::longjmp(state->escape, 1);
}

/// libjpeg reports errors by a jump; every method that calls it lands the jump itself and holds no object that would
/// need destruction, then throws.
class JpegEncoder {
 public:
  /// Writes to `file`, which is called `path` in messages and stays open.
  JpegEncoder(std::FILE* file, std::filesystem::path path, const PictureShape& shape, int quality)
      : path_(std::move(path)) {
    encoder_.err = jpeg_std_error(&errors_.manager);
    errors_.manager.error_exit = escape_writing;
    errors_.manager.output_message = [](j_common_ptr) {};
    if (setjmp(errors_.escape)) give_up();
    jpeg_create_compress(&encoder_);
    start(file, shape, quality);
  }
  ~JpegEncoder() { jpeg_destroy_compress(&encoder_); }
  JpegEncoder(const JpegEncoder&) = delete;
  JpegEncoder& operator=(const JpegEncoder&) = delete;

  void write_row(const void* row) {
    if (setjmp(errors_.escape)) give_up();
    auto* values = static_cast<JSAMPROW>(const_cast<void*>(row));  // only read
    jpeg_write_scanlines(&encoder_, &values, 1);
  }

  void finish() {
    if (setjmp(errors_.escape)) give_up();
    jpeg_finish_compress(&encoder_);
  }

 private:
  void start(std::FILE* file, const PictureShape& shape, int quality) {
    constexpr int kWholeColorsFrom = 90;
    jpeg_stdio_dest(&encoder_, file);
    encoder_.image_height = static_cast<JDIMENSION>(shape.height);
    encoder_.image_width = static_cast<JDIMENSION>(shape.width);
    encoder_.input_components = static_cast<int>(shape.channels);
    encoder_.in_color_space = shape.channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_set_defaults(&encoder_);
    jpeg_set_quality(&encoder_, quality, TRUE);
    if (quality >= kWholeColorsFrom) {  // no halved colours
      for (int i = 0; i < encoder_.num_components; ++i)
        encoder_.comp_info[i].h_samp_factor = encoder_.comp_info[i].v_samp_factor = 1;
    }
    jpeg_start_compress(&encoder_, TRUE);
    write_profile(shape.profile);
  }

  /// In parts, as a marker has two bytes for its length.
  void write_profile(const std::string& profile) {
    constexpr size_t kHeader = 14, kMost = 65533 - kHeader, kMostParts = 255;
    const size_t parts = (profile.size() + kMost - 1) / kMost;
    if (parts > kMostParts) return;
    for (size_t part = 0; part < parts; ++part) {
      const size_t from = part * kMost, count = std::min(kMost, profile.size() - from);
      jpeg_write_m_header(&encoder_, JPEG_APP0 + 2, static_cast<unsigned>(count + kHeader));
      for (const char c : {'I', 'C', 'C', '_', 'P', 'R', 'O', 'F', 'I', 'L', 'E', '\0'})
        jpeg_write_m_byte(&encoder_, c);
      jpeg_write_m_byte(&encoder_, static_cast<int>(part + 1));
      jpeg_write_m_byte(&encoder_, static_cast<int>(parts));
      for (size_t i = from; i < from + count; ++i) jpeg_write_m_byte(&encoder_, static_cast<unsigned char>(profile[i]));
    }
  }

  [[noreturn]] void give_up() {
    jpeg_destroy_compress(&encoder_);
    if (errors_.reason != 0) throw WriteError(path_, errors_.reason);
    fail("cannot write {}: {}", path_.string(), errors_.message);
  }

  std::filesystem::path path_;
  jpeg_compress_struct encoder_{};
  WriteErrorState errors_{};
};

/// A C file that is closed, whatever happens.
using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

class JpegWriter : public RowWriter {
 public:
  JpegWriter(const std::filesystem::path& path, const PictureShape& shape, int quality)
      : path_(path),
        whole_(path),
        file_(std::fopen(whole_.temporary().c_str(), "wbe"), std::fclose),
        encoder_(file_ ? file_.get() : throw WriteError(path, errno), path, shape, quality) {}

  void write_row(const void* row) override { encoder_.write_row(row); }

  void finish() override {
    encoder_.finish();
    if (std::fclose(file_.release()) != 0) throw WriteError(path_, errno);
    whole_.commit();
  }

 private:
  std::filesystem::path path_;
  NewFile whole_;
  File file_;
  JpegEncoder encoder_;
};

}  // namespace

std::unique_ptr<RowWriter> jpeg_writer(const std::filesystem::path& path, const PictureShape& shape, int quality) {
  return std::make_unique<JpegWriter>(path, shape, quality);
}

}  // namespace forger::codecs

namespace forger {

std::string encode_jpeg(const Pixels& image, int quality) {
  if (image.channels != 1 && image.channels != 3) {
    fail("JPEG: received {} channels, accepted: 1 (grey), 3 (RGB)", image.channels);
  }
  struct Memory {
    char* bytes = nullptr;
    size_t size = 0;
    ~Memory() { std::free(bytes); }
  } memory;
  const codecs::File file(open_memstream(&memory.bytes, &memory.size), std::fclose);
  if (!file) throw WriteError("JPEG", errno);
  codecs::JpegEncoder encoder(file.get(), "JPEG",
                              {.height = image.height, .width = image.width, .channels = image.channels}, quality);
  for (int64_t y = 0; y < image.height; ++y) encoder.write_row(image.row(y));
  encoder.finish();
  std::fflush(file.get());
  return {memory.bytes, memory.size};
}

}  // namespace forger
