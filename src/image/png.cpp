#include "image/png.h"

#include <spng.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <utility>

#include "core/fail.h"
#include "core/files.h"
#include "image/pixels.h"

namespace forger {

namespace {

uint8_t color_type_of(int64_t channels) {
  switch (channels) {
    case 1: return SPNG_COLOR_TYPE_GRAYSCALE;
    case 2: return SPNG_COLOR_TYPE_GRAYSCALE_ALPHA;
    case 3: return SPNG_COLOR_TYPE_TRUECOLOR;
    case 4: return SPNG_COLOR_TYPE_TRUECOLOR_ALPHA;
    default: fail("PNG: received {} channels, accepted: 1 (grey), 2 (grey with alpha), 3 (RGB), 4 (RGBA)", channels);
  }
}

spng_ihdr header_of(int64_t height, int64_t width, int64_t channels, int bit_depth) {
  spng_ihdr header{};
  header.height = static_cast<uint32_t>(height);
  header.width = static_cast<uint32_t>(width);
  header.bit_depth = static_cast<uint8_t>(bit_depth);
  header.color_type = color_type_of(channels);
  return header;
}

}  // namespace

struct PngWriter::State {
  std::filesystem::path path;
  NewFile whole;
  std::FILE* file = nullptr;
  std::unique_ptr<spng_ctx, void (*)(spng_ctx*)> context{nullptr, spng_ctx_free};
  size_t row_bytes = 0;
  std::string profile;

  explicit State(const std::filesystem::path& path) : path(path), whole(path) {}

  ~State() {
    if (file) std::fclose(file);
  }

  void check(int code) const {
    if (code == SPNG_IO_ERROR) throw WriteError(path, errno);
    if (code != SPNG_OK) fail("cannot write {}: {}", path.string(), spng_strerror(code));
  }
};

PngWriter::PngWriter(const std::filesystem::path& path, const PictureShape& shape)
    : state_(std::make_unique<State>(path)) {
  auto& state = *state_;
  spng_ihdr header = header_of(shape.height, shape.width, shape.channels, shape.bit_depth);
  state.row_bytes = static_cast<size_t>(shape.width * shape.channels * shape.bit_depth / 8);
  state.profile = shape.profile;
  state.context.reset(spng_ctx_new(SPNG_CTX_ENCODER));
  state.file = std::fopen(state.whole.temporary().c_str(), "wbe");
  if (!state.file) throw WriteError(path, errno);
  state.check(spng_set_png_file(state.context.get(), state.file));
  state.check(spng_set_ihdr(state.context.get(), &header));
  if (!state.profile.empty()) {
    spng_iccp profile{.profile_name = "ICC", .profile_len = state.profile.size(), .profile = state.profile.data()};
    state.check(spng_set_iccp(state.context.get(), &profile));
  }
  state.check(
      spng_encode_image(state.context.get(), nullptr, 0, SPNG_FMT_PNG, SPNG_ENCODE_PROGRESSIVE | SPNG_ENCODE_FINALIZE));
}

PngWriter::~PngWriter() = default;

void PngWriter::write_row(const void* row) {
  const int code = spng_encode_row(state_->context.get(), row, state_->row_bytes);
  if (code != SPNG_EOI) state_->check(code);
}

void PngWriter::finish() {
  auto& state = *state_;
  state.context.reset();
  if (std::fclose(std::exchange(state.file, nullptr)) != 0) throw WriteError(state.path, errno);
  state.whole.commit();
}

std::string encode_png(const at::Tensor& pixels) {
  const Pixels image = to_pixels(pixels);
  if (image.height == 0 || image.width == 0) {
    fail("PNG: received {} x {} pixels, accepted: at least 1 x 1", image.width, image.height);
  }
  const std::unique_ptr<spng_ctx, void (*)(spng_ctx*)> context(spng_ctx_new(SPNG_CTX_ENCODER), spng_ctx_free);
  spng_ihdr header = header_of(image.height, image.width, image.channels, 8);
  const auto check = [](int code) {
    if (code != SPNG_OK) fail("PNG: cannot encode ({})", spng_strerror(code));
  };
  check(spng_set_option(context.get(), SPNG_ENCODE_TO_BUFFER, 1));
  check(spng_set_ihdr(context.get(), &header));
  check(spng_encode_image(context.get(), image.values.data(), image.values.size(), SPNG_FMT_PNG, SPNG_ENCODE_FINALIZE));
  size_t length = 0;
  int code = SPNG_OK;
  const std::unique_ptr<void, void (*)(void*)> made(spng_get_png_buffer(context.get(), &length, &code), std::free);
  check(code);
  return std::string(static_cast<const char*>(made.get()), length);
}

void write_png(const std::filesystem::path& path, const at::Tensor& pixels) {
  write_file_atomically(path, encode_png(pixels));
}

}  // namespace forger
