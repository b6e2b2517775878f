#include <fmt/ranges.h>

#include "api/picture_upscaler.h"
#include "api/video.h"
#include "core/fail.h"
#include "core/files.h"
#include "core/torch.h"
#include "image/pixel_writer.h"

namespace forger {
at::Tensor Model::upscale(const at::Tensor& pixels, const UpscaleOptions& options) const {
  const int64_t channels = pixels.dim() == 3 ? pixels.size(0) : 0;
  const bool known = channels == 1 || channels == 3 || channels == 4;
  if (!known || pixels.scalar_type() != at::kByte || pixels.numel() == 0) {
    fail("upscale: received {} [{}], accepted: one uint8 image [1, 3 or 4, height, width]",
         c10::toString(pixels.scalar_type()), fmt::join(pixels.sizes(), ", "));
  }
  const Pixels image = to_pixels(pixels);
  Pixels made;
  PictureJob job{.name = "the image"};
  job.open = [&] { return rows_of(image, "the image"); };
  job.is_grey = channels == 1;
  job.write = [&](const PictureShape& shape) { return std::make_unique<PixelWriter>(made, shape); };
  PictureUpscaler(*this, options, {}).upscale(job);
  return to_tensor(made);
}

namespace {

void refuse_overwriting(const std::filesystem::path& in, const std::filesystem::path& out) {
  std::error_code unknown;
  if (std::filesystem::equivalent(in, out, unknown)) fail("{}: the output would overwrite the input", out.string());
}

}  // namespace

bool Model::upscale_file(const std::filesystem::path& in, const std::filesystem::path& out,
                         const UpscaleOptions& options, const UpscaleHooks& hooks) const {
  const auto format = format_of_extension(out.string());
  if (!format) fail("{}: accepted: a name that ends in .png, .jpg or .webp", out.string());
  refuse_overwriting(in, out);
  PictureUpscaler upscaler(*this, options, hooks);
  return upscaler.upscale_file(std::make_shared<const std::string>(read_file(in)), in.string(), out, *format);
}

bool Model::upscale_video(const std::filesystem::path& in, const std::filesystem::path& out,
                          const UpscaleOptions& options, const UpscaleHooks& hooks) const {
  expect_ffmpeg();
  refuse_overwriting(in, out);
  return PictureUpscaler(*this, options, hooks).upscale_video(in, out);
}

}  // namespace forger
