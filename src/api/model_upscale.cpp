#include "api/picture_upscaler.h"
#include "api/video.h"
#include "core/fail.h"
#include "core/files.h"
#include "core/torch.h"

namespace forger {
at::Tensor Model::upscale(const at::Tensor& pixels, const UpscaleOptions& options) const {
  return PictureUpscaler(*this, options, {}).upscale_pixels(pixels, "upscale");
}

at::Tensor Model::translate(const at::Tensor& pixels, const TranslateOptions& options) const {
  return PictureUpscaler(*this, options, {}).upscale_pixels(pixels, "translate");
}

namespace {

void refuse_overwriting(const std::filesystem::path& in, const std::filesystem::path& out) {
  std::error_code unknown;
  if (std::filesystem::equivalent(in, out, unknown)) fail("{}: the output would overwrite the input", out.string());
}

bool made_of_file(PictureUpscaler upscaler, const std::filesystem::path& in, const std::filesystem::path& out) {
  const auto format = format_of_extension(out.string());
  if (!format) fail("{}: accepted: a name that ends in .png, .jpg or .webp", out.string());
  refuse_overwriting(in, out);
  return upscaler.upscale_file(std::make_shared<const std::string>(read_file(in)), in.string(), out, *format);
}

}  // namespace

bool Model::upscale_file(const std::filesystem::path& in, const std::filesystem::path& out,
                         const UpscaleOptions& options, const UpscaleHooks& hooks) const {
  return made_of_file(PictureUpscaler(*this, options, hooks), in, out);
}

bool Model::translate_file(const std::filesystem::path& in, const std::filesystem::path& out,
                           const TranslateOptions& options, const UpscaleHooks& hooks) const {
  return made_of_file(PictureUpscaler(*this, options, hooks), in, out);
}

bool Model::upscale_video(const std::filesystem::path& in, const std::filesystem::path& out,
                          const UpscaleOptions& options, const UpscaleHooks& hooks) const {
  expect_ffmpeg();
  refuse_overwriting(in, out);
  return PictureUpscaler(*this, options, hooks).upscale_video(in, out);
}

}  // namespace forger
