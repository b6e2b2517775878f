#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "forger/model.h"
#include "forger/translate.h"
#include "forger/upscale.h"
#include "image/row_writer.h"
#include "image/rows.h"
#include "tasks/enlarger.h"

namespace forger {

/// What is to be upscaled, and what becomes of it.
struct PictureJob {
  /// For people.
  std::string name;
  /// Opens the picture; asked more than once.
  std::function<std::unique_ptr<RowReader>()> open = {};
  /// Whether its colours are grey.
  bool is_grey = false;
  /// Opens what it is written to; asked again where memory ran out, after the first is gone.
  std::function<std::unique_ptr<RowWriter>(const PictureShape&)> write = {};
  /// Whether values of two bytes stay so.
  bool deep = true;
  std::string profile = {};
  /// Sides of what is written are multiples of it.
  int64_t multiple_px = 1;
};

/// Upscales pictures of any size, row by row and in tiles, with one model, or translates them.
class PictureUpscaler {
 public:
  /// Throw Error, naming the option or what the model can do, where that cannot work.
  PictureUpscaler(const Model& model, const UpscaleOptions& options, UpscaleHooks hooks);
  PictureUpscaler(const Model& model, const TranslateOptions& options, UpscaleHooks hooks);

  /// Who watches from now on.
  void watch(UpscaleHooks hooks) { hooks_ = std::move(hooks); }
  /// Which of an image's translations is made from now on, as TranslateOptions::seed.
  void choose(uint64_t seed) { seed_ = seed; }

  /// False where the hook ended it. Throws ImageError, beginning with the name, where the picture cannot be read or the
  /// model fails at it, and what the writer throws.
  bool upscale(const PictureJob& job);
  /// The same of an image in memory, uint8 `[channels, H, W]`. `what`: the call, for messages.
  at::Tensor upscale_pixels(const at::Tensor& pixels, const char* what);
  /// A file's bytes into a file of a format.
  bool upscale_file(std::shared_ptr<const std::string> bytes, const std::string& name, const std::filesystem::path& out,
                    ImageFormat format);
  /// A video into a video, frame by frame, through ffmpeg. `out` says by its name of what kind it is to be.
  bool upscale_video(const std::filesystem::path& in, const std::filesystem::path& out);

 private:
  PictureUpscaler(const Model& model, const UpscaleOptions& options, UpscaleHooks hooks, Enlarger enlarger);
  int64_t scaled(int64_t side_px, int64_t multiple_px) const;
  void run(const PictureJob& job, int64_t tile_px, bool batches);
  int64_t fitting_tile(const PictureJob& job);

  UpscaleOptions options_;
  UpscaleHooks hooks_;
  bool on_cpu_;
  int64_t weights_;
  Enlarger enlarger_;
  double scale_;
  /// From the first picture on that ran out of memory.
  int64_t most_tile_px_;
  /// Of a translation that draws.
  uint64_t seed_ = 1;
  bool draws_ = false;
};

}  // namespace forger
