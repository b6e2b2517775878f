#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "forger/export.h"
#include "forger/translate.h"
#include "forger/upscale.h"

namespace forger {

/// How to draw samples.
struct SampleOptions {
  /// Sample i follows from seed, class and i: not from how many are drawn, by how many threads or on which device.
  uint64_t seed = 1;
  /// Class to draw, or -1 for all classes in turn. Only for class-conditional models.
  int64_t class_number = -1;
  /// Above 0: normal latents beyond it are drawn again, uniform ones shrunk to it. Less variety, fewer failures.
  double truncation = 0;
  /// Walks from one latent to the next in 8 steps instead of drawing each by itself.
  bool interpolate = false;
  /// Uses the last weights instead of the averaged (EMA) ones.
  bool raw = false;
  /// Number of the first one that is drawn, 0 or more: samples 0 to 99 are 0 to 49 and, with `first` 50, the rest.
  int64_t first = 0;
};

/// What a generator makes images of.
struct Latents {
  at::Tensor latents;  ///< float32 `[N, latent_size]`, on the CPU
  at::Tensor labels;   ///< int64 `[N]`: classes, undefined without them
};

/// How to find the latents of images.
struct ReconstructOptions {
  /// Of the starts of a search.
  uint64_t seed = 1;
  /// Improves what the encoder says by a search, too. Models without an encoder always search.
  bool search = false;
  /// Starts for each image.
  int64_t starts = 4;
  /// Whether an encoder's answer is the first of them; without it, other seeds find other answers.
  bool from_encoder = true;
  /// Steps of the search; each draws every image once, forwards and backwards.
  int64_t search_steps = 200;
  /// Asked after every step of a search with the share of its work that is done, 0 to 1; false ends the search with
  /// what was found by then.
  std::function<bool(double done)> search_goes_on;
};

/// Images as the model makes them again.
struct Reconstruction {
  at::Tensor images;   ///< float32 `[N, channels, height, width]` in [-1, 1]
  at::Tensor latents;  ///< float32 `[N, latent_size]`
  at::Tensor labels;   ///< int64 `[N]`: the class that was found, undefined without classes
};

/// How to look for what is not normal.
struct DetectOptions {
  /// "auto": bfloat16 where the hardware is fast at it; "float32" is slower there, and scores are those of an exported
  /// detector, which differ from bfloat16's by some hundredths at most.
  std::string precision = "auto";
};

/// What a model says of images: are they like the normal ones that it was trained on?
struct Detection {
  /// float64 `[N]`: mean 0 and standard deviation about 1 for normal images; higher: stranger.
  at::Tensor scores;
  /// float64 `[N]`: the share of normal images with such a score or a higher one, in (0, 1].
  at::Tensor p_normal;
  /// float32 `[N, 1, height, width]`, 0 or more: how strange each pixel is, about in standard deviations of normal
  /// images.
  at::Tensor maps;
};

/// What a model file says about itself.
struct ModelInfo {
  /// What trained it, or would have: "generation", "autoencoding", "super-resolution", "paired-translation",
  /// "unpaired-translation" or "one-sided-translation".
  std::string game;
  /// Whether it finds an image's latent without a search.
  bool has_encoder = false;
  /// Whether it tells normal images from others.
  bool has_detector = false;
  /// Whether it makes images larger.
  bool has_upscaler = false;
  /// Whether it makes images of another kind of images, and whether one image has many translations.
  bool has_translator = false;
  bool has_variety = false;
  /// Which way it translates, "a2b" or "b2a", or both: the first one is what `channels` and `source_channels` tell of.
  std::vector<std::string> directions;
  /// Where it makes images of images: sides of these over those of what it makes them from, and the channels of what it
  /// makes them from; else 0.
  int64_t scale = 0;
  int64_t source_channels = 0;
  /// Above 0: it makes them of label maps, one channel that holds the numbers of so many kinds, from 0.
  int64_t source_kinds = 0;
  /// Where it makes images of images, for people: "rrdbnet, 64 features, 23 blocks".
  std::string architecture;
  /// Of the images that it makes; 0: of any size.
  int64_t height_px = 0;
  int64_t width_px = 0;
  int64_t channels = 0;
  /// How 16-bit values became 8 bits in training, as in DataOptions::levels: "keep" or "[0, 4095]". Images given to the
  /// model are to be brought to 8 bits alike.
  std::string levels = "keep";
  int64_t latent_size = 0;
  /// Empty unless class-conditional.
  std::vector<std::string> class_names;
  /// Number of weights of the network that samples.
  int64_t weights = 0;
  /// Whether the file also holds the raw weights beside the averaged ones.
  bool has_raw = false;
  /// Where it comes from, for people: recipe, data, steps, images, seed, versions, time.
  std::map<std::string, std::string> provenance;
};

/// A trained model, loaded to be used. Not to be shared between threads without a lock.
class Model {
 public:
  /// Reads a model file, the model file of a run folder, weights as `import_weights` takes them, or, where ONNX Runtime
  /// is found, an ONNX file with a generator, a detector, an upscaler or a translator that `export_onnx` wrote.
  /// `device`: "auto", "cpu", "cuda" or "cuda:N". Throws Error that says which part of the file is wrong: magic,
  /// length, tensor name, shape, dtype, values, version.
  static Model load(const std::filesystem::path& path, const std::string& device = "auto");

  const ModelInfo& info() const;

  /// Draws `count` images: float32 `[count, channels, height, width]` in [-1, 1] (points: `[count, 2, 1, 1]`), on the
  /// CPU. The same options give the same images. Throws Error when the model has no such class.
  at::Tensor sample(int64_t count, const SampleOptions& options = {}) const;

  /// The latents and classes of the images that `sample` draws. Throws as it does.
  Latents draw_latents(int64_t count, const SampleOptions& options = {}) const;

  /// Latents on the way through given ones `[N, latent_size]`, N 2 or more, from each to the next in `steps` equal
  /// steps: float32 `[(N - 1) * steps + 1, latent_size]`. Normal latents turn (spherical interpolation), uniform ones
  /// go straight. Throws Error on another shape.
  at::Tensor walk(const at::Tensor& latents, int64_t steps) const;

  /// Directions of the latents along which samples differ most, the strongest first: float32 `[count, latent_size]`,
  /// orthonormal. Principal components of what 512 samples look like from afar, followed back to their latents (after
  /// Härkönen et al. 2020, arXiv 2004.02546). Throws Error when the latents have fewer numbers.
  at::Tensor principal_directions(int64_t count) const;

  /// The images of `sample` as pixels: uint8 `[count, channels, height, width]`.
  at::Tensor sample_pixels(int64_t count, const SampleOptions& options = {}) const;

  /// The images of given latents `[N, latent_size]`, float32 as from `sample`. `labels`: int64 `[N]` for
  /// class-conditional models.
  at::Tensor generate(const at::Tensor& latent, const at::Tensor& labels = {}, bool raw = false) const;

  /// The encoder's latents of images `[N, channels, height, width]` in [-1, 1]: float32 `[N, latent_size]` (variational
  /// ones: the means). Throws Error on another shape, or when the model has no encoder.
  at::Tensor encode(const at::Tensor& images) const;

  /// Makes images again: through the encoder, or by a search for the latents whose images are nearest. Each image for
  /// itself: what else is in the batch does not matter. Throws Error on images of another shape.
  Reconstruction reconstruct(const at::Tensor& images, const ReconstructOptions& options = {}) const;

  /// Fills holes: searches for the image that fits what is known, and blends its part into the hole without a seam.
  /// `masks` `[N, 1, height, width]`: 1 where to fill, 0 where the image is known, which stays as it is, bit for bit.
  /// `options.seed` chooses among possible fillings. Throws Error on other shapes, or when nothing of an image is
  /// known.
  at::Tensor restore(const at::Tensor& images, const at::Tensor& masks, const ReconstructOptions& options = {}) const;

  /// Tells whether images `[N, channels, height, width]` in [-1, 1] are normal. Each for itself: what else is in the
  /// batch does not matter. Throws Error on another shape, or when the model has no detector.
  Detection detect(const at::Tensor& images, const DetectOptions& options = {}) const;

  /// The same of one image of any size from the model's up, uint8 `[channels, H, W]` (grey, RGB or RGBA): one larger
  /// than the model's is looked at in tiles at its own scale, as `forger detect` does. N is 1; the map has the image's
  /// size.
  Detection detect_in(const at::Tensor& pixels, const DetectOptions& options = {}) const;

  /// The score, and the highest value in an image's map, that this share of normal images exceeds; 0 < `false_alarms`
  /// < 1. Throws Error when the model has no detector.
  double score_threshold(double false_alarms) const;
  double map_threshold(double false_alarms) const;
  /// The share of normal images with such a score or a higher one, in (0, 1].
  double p_normal(double score) const;
  /// The score of an image that was looked at in tiles, of the highest of theirs: less, as one of many is more easily
  /// so strange than one alone.
  double score_of_tiles(double highest, int64_t tiles) const;

  /// Makes an image larger, uint8 `[channels, H, W]` (grey, RGB or RGBA) of any size -> uint8 of the same channels, as
  /// `forger upscale` does: in tiles where it is large. Throws Error when the model does not make images of images.
  at::Tensor upscale(const at::Tensor& pixels, const UpscaleOptions& options = {}) const;

  /// The same from file to file, row by row, whatever their size. Formats: PNG, JPEG and WebP; that of `out` follows
  /// from its name. 16 bits (PNG), grey, alpha and the ICC profile are kept, the EXIF orientation is applied. False
  /// where a hook ended it: then there is no new file. Throws Error, naming the file.
  bool upscale_file(const std::filesystem::path& in, const std::filesystem::path& out,
                    const UpscaleOptions& options = {}, const UpscaleHooks& hooks = {}) const;

  /// The same of a video, frame by frame in 8 bits, through the programs ffmpeg and ffprobe: the count of frames and
  /// their rate, sound and subtitles are kept. Throws Error where a program is not there.
  bool upscale_video(const std::filesystem::path& in, const std::filesystem::path& out,
                     const UpscaleOptions& options = {}, const UpscaleHooks& hooks = {}) const;

  /// Makes an image of another kind of an image, uint8 `[channels, H, W]` (grey, RGB or RGBA) of any size -> uint8 of
  /// the model's channels and of the same size, as `forger translate` does: whole where memory allows. Throws Error
  /// when the model does not do that.
  at::Tensor translate(const at::Tensor& pixels, const TranslateOptions& options = {}) const;

  /// The same from file to file, as `upscale_file`; the ICC profile is not kept, as colours are others.
  bool translate_file(const std::filesystem::path& in, const std::filesystem::path& out,
                      const TranslateOptions& options = {}, const UpscaleHooks& hooks = {}) const;

  /// Writes a part of the model as an ONNX file, which other programs run: whole or not at all. Throws Error, naming
  /// the option that does not fit or the layer that needs a younger opset, and where the file cannot be written.
  Exported export_onnx(const std::filesystem::path& out, const ExportOptions& options = {}) const;

  /// Runs such a file in ONNX Runtime beside this model, on random inputs of several sizes and numbers of images. The
  /// library is looked for in ONNXRUNTIME_DIR, beside LibTorch where a Python wheel lies, in VIRTUAL_ENV and where the
  /// loader looks; none: there is none. Throws Error where the file cannot be run.
  std::optional<Verified> verify_onnx(const std::filesystem::path& file, const Exported& exported) const;

  /// Writes a part of the model as a TorchScript file, which LibTorch and PyTorch load without Forger: whole or not at
  /// all. `forward` takes what `export_onnx` names, in that order, a `class` as `labels` and a truncation as a number;
  /// `opset` is not asked. Throws as `export_onnx` does.
  Exported export_torchscript(const std::filesystem::path& out, const ExportOptions& options = {}) const;

  /// Loads such a file again and runs it beside this model, as `verify_onnx` does.
  Verified verify_torchscript(const std::filesystem::path& file, const Exported& exported) const;

  /// What was loaded; for the library itself.
  struct Implementation;

 private:
  friend class PictureUpscaler;
  explicit Model(std::shared_ptr<Implementation> implementation) : implementation_(std::move(implementation)) {}
  std::shared_ptr<Implementation> implementation_;
};

/// Reads the weights of a network from images to images that another program saved (PyTorch's `.pth` and `.pt`, also of
/// before 1.6, and `.safetensors`; of super-resolution RRDBNet, SRVGGNetCompact, SPAN, RealPLKSR, SwinIR, DAT; of
/// translation the generators of CycleGAN's and pix2pix's authors) and writes them as a model file. Architecture, scale
/// and sizes follow from names and shapes; `as`, "rrdbnet", "compact", "span", "realplksr", "swinir", "dat",
/// "cyclegan-resnet" or "pix2pix-unet", asks for one. Nothing in the file is run. Throws Error naming what it does not
/// understand.
void import_weights(const std::filesystem::path& from, const std::filesystem::path& to, const std::string& as = "");

}  // namespace forger
