#include "forger/model.h"

#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/unique_ptr.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "arrays.h"
#include "bindings.h"
#include "forger/images.h"
#include "long_call.h"

namespace nb = nanobind;
using namespace nb::literals;

namespace forger::python {
namespace {

using Path = std::filesystem::path;
using GoesOn = std::optional<nb::typed<nb::callable, bool(double)>>;
using OnMessage = std::optional<nb::typed<nb::callable, void(std::string)>>;

/// A model that threads of Python may share: one call after the other.
class SharedModel {
 public:
  explicit SharedModel(Model model) : model_(std::move(model)) {}

  const ModelInfo& info() const { return model_.info(); }

  /// What `work` makes of the model, without the interpreter's lock.
  template <class Work>
  auto use(LongCall& call, Work&& work) const {
    return call.run([&] { return alone(work); });
  }
  /// The same of what asks no hooks.
  template <class Work>
  auto use(Work&& work) const {
    return LongCall().run_or_interrupt([&] { return alone(work); });
  }

 private:
  template <class Work>
  auto alone(Work&& work) const {
    const std::lock_guard lock(busy_);
    return work(model_);
  }

  Model model_;
  mutable std::mutex busy_;
};

std::unique_ptr<SharedModel> load(const Path& path, const std::string& device) {
  return LongCall().run([&] { return std::make_unique<SharedModel>(Model::load(path, device)); });
}

/// What a function of Python, and Ctrl-C, say to the share of the work that is done.
std::function<bool(double)> asker(LongCall& call, const GoesOn& goes_on) {
  return [&call, &goes_on](double done) {
    bool more = true;
    if (goes_on) call.ask([&] { more = nb::cast<bool>((*goes_on)(done)); });
    return call.goes_on() && more;
  };
}

UpscaleHooks hooks_of(LongCall& call, const GoesOn& goes_on, const OnMessage& on_message) {
  UpscaleHooks hooks;
  hooks.goes_on = asker(call, goes_on);
  if (on_message) hooks.on_message = [&](const std::string& text) { call.ask([&] { (*on_message)(text); }); };
  return hooks;
}

SampleOptions sampling(uint64_t seed, int64_t class_number, double truncation, bool interpolate, bool raw,
                       int64_t first) {
  return {.seed = seed,
          .class_number = class_number,
          .truncation = truncation,
          .interpolate = interpolate,
          .raw = raw,
          .first = first};
}

/// The three ways to draw take the same options.
template <class Draw>
auto drawer(Draw draw) {
  return [draw](const SharedModel& shared, int64_t count, uint64_t seed, int64_t class_number, double truncation,
                bool interpolate, bool raw, int64_t first) {
    const auto options = sampling(seed, class_number, truncation, interpolate, raw, first);
    return shared.use([&](const Model& model) { return (model.*draw)(count, options); });
  };
}

ReconstructOptions searching(LongCall& call, const GoesOn& goes_on, uint64_t seed, bool search, int64_t starts,
                             bool from_encoder, int64_t search_steps) {
  return {.seed = seed,
          .search = search,
          .starts = starts,
          .from_encoder = from_encoder,
          .search_steps = search_steps,
          .search_goes_on = asker(call, goes_on)};
}

Reconstruction reconstruct(const SharedModel& shared, const at::Tensor& images, uint64_t seed, bool search,
                           int64_t starts, bool from_encoder, int64_t search_steps, const GoesOn& search_goes_on) {
  LongCall call;
  const auto options = searching(call, search_goes_on, seed, search, starts, from_encoder, search_steps);
  const auto floats = as_floats("reconstruct", images);
  return shared.use(call, [&](const Model& model) { return model.reconstruct(floats, options); });
}

at::Tensor restore(const SharedModel& shared, const at::Tensor& images, const at::Tensor& masks, uint64_t seed,
                   bool search, int64_t starts, bool from_encoder, int64_t search_steps, const GoesOn& search_goes_on) {
  LongCall call;
  const auto options = searching(call, search_goes_on, seed, search, starts, from_encoder, search_steps);
  const auto floats = as_floats("restore", images);
  return shared.use(call, [&](const Model& model) { return model.restore(floats, masks, options); });
}

UpscaleOptions upscaling(double scale, int64_t tile_px, bool wrap, bool tta, const std::string& precision, bool alpha,
                         int64_t quality = 95) {
  return {.scale = scale,
          .tile_px = tile_px,
          .wrap = wrap,
          .tta = tta,
          .precision = precision,
          .alpha = alpha,
          .quality = quality};
}

/// From file to file, pictures and videos.
template <class Upscale>
auto file_upscaler(Upscale upscale) {
  return [upscale](const SharedModel& shared, const Path& in, const Path& out, double scale, int64_t tile_px, bool wrap,
                   bool tta, const std::string& precision, bool alpha, int64_t quality, const GoesOn& goes_on,
                   const OnMessage& on_message) {
    LongCall call;
    const auto options = upscaling(scale, tile_px, wrap, tta, precision, alpha, quality);
    const auto hooks = hooks_of(call, goes_on, on_message);
    return shared.use(call, [&](const Model& model) { return (model.*upscale)(in, out, options, hooks); });
  };
}

bool translate_file(const SharedModel& shared, const Path& in, const Path& out, const std::string& direction,
                    uint64_t seed, bool deterministic, int64_t tile_px, const std::string& precision, int64_t quality,
                    const GoesOn& goes_on, const OnMessage& on_message) {
  LongCall call;
  const TranslateOptions options{direction, seed, deterministic, tile_px, precision, quality};
  const auto hooks = hooks_of(call, goes_on, on_message);
  return shared.use(call, [&](const Model& model) { return model.translate_file(in, out, options, hooks); });
}

void add_drawing(nb::class_<SharedModel>& type) {
  const auto add = [&](const char* name, const auto& draw, const char* text) {
    type.def(name, draw, "count"_a, nb::kw_only(), "seed"_a = 1, "class_number"_a = -1, "truncation"_a = 0.0,
             "interpolate"_a = false, "raw"_a = false, "first"_a = 0, text);
  };
  add("sample", drawer(&Model::sample),
      "Draws images: float32 [count, channels, height, width] in [-1, 1] (points: [count, 2, 1, 1]). Sample i follows "
      "from seed, class and i alone. `class_number`: -1 for all in turn. `truncation` above 0: less variety, fewer "
      "failures. `interpolate`: walks from latent to latent in 8 steps. `raw`: the last weights, not the averaged "
      "ones. "
      "`first`: number of the first one.");
  add("sample_pixels", drawer(&Model::sample_pixels),
      "The images of `sample` as pixels: uint8 [count, channels, height, width].");
  add("draw_latents", drawer(&Model::draw_latents), "The latents and classes of the images that `sample` draws.");
  type.def(
      "generate",
      [](const SharedModel& shared, const at::Tensor& latents, const std::optional<at::Tensor>& labels, bool raw) {
        const auto floats = as_floats("generate", latents);
        return shared.use(
            [&](const Model& model) { return model.generate(floats, labels.value_or(at::Tensor()), raw); });
      },
      "latents"_a, "labels"_a = nb::none(), "raw"_a = false,
      "The images of given latents [N, latent_size], float32 as from `sample`. `labels`: int64 [N] of "
      "class-conditional "
      "models.");
  type.def(
      "walk",
      [](const SharedModel& shared, const at::Tensor& latents, int64_t steps) {
        const auto floats = as_floats("walk", latents);
        return shared.use([&](const Model& model) { return model.walk(floats, steps); });
      },
      "latents"_a, "steps"_a,
      "Latents on the way through given ones [N, latent_size], N 2 or more: float32 [(N - 1) * steps + 1, "
      "latent_size].");
  type.def(
      "principal_directions",
      [](const SharedModel& shared, int64_t count) {
        return shared.use([&](const Model& model) { return model.principal_directions(count); });
      },
      "count"_a, "Directions along which samples differ most, the strongest first: float32 [count, latent_size].");
}

void add_images(nb::class_<SharedModel>& type) {
  type.def(
      "encode",
      [](const SharedModel& shared, const at::Tensor& images) {
        const auto floats = as_floats("encode", images);
        return shared.use([&](const Model& model) { return model.encode(floats); });
      },
      "images"_a,
      "The encoder's latents of images, floating-point [N, channels, height, width] in [-1, 1]: float32 [N, "
      "latent_size].");
  type.def(
      "reconstruct", &reconstruct, "images"_a, nb::kw_only(), "seed"_a = 1, "search"_a = false, "starts"_a = 4,
      "from_encoder"_a = true, "search_steps"_a = 200, "search_goes_on"_a = nb::none(),
      "Makes images, floating-point [N, channels, height, width] in [-1, 1], again: through the encoder, or by a "
      "search for the latents whose images are nearest. `search_goes_on`: asked with the share that is done; False "
      "ends the search with what was found.");
  type.def("restore", &restore, "images"_a, "masks"_a, nb::kw_only(), "seed"_a = 1, "search"_a = false, "starts"_a = 4,
           "from_encoder"_a = true, "search_steps"_a = 200, "search_goes_on"_a = nb::none(),
           "Fills holes. `masks` [N, 1, height, width]: 1 where to fill, 0 where the image is known, which stays as it "
           "is, bit for bit. `seed` chooses among possible fillings.");
  type.def(
      "detect",
      [](const SharedModel& shared, const at::Tensor& images, const std::string& precision) {
        const auto floats = as_floats("detect", images);
        return shared.use([&](const Model& model) { return model.detect(floats, {.precision = precision}); });
      },
      "images"_a, nb::kw_only(), "precision"_a = "auto",
      "Tells whether images, floating-point [N, channels, height, width] in [-1, 1], are normal.");
  type.def(
      "detect_in",
      [](const SharedModel& shared, const at::Tensor& pixels, const std::string& precision) {
        return shared.use([&](const Model& model) { return model.detect_in(pixels, {.precision = precision}); });
      },
      "pixels"_a, nb::kw_only(), "precision"_a = "auto",
      "The same of one image of any size from the model's up, uint8 [channels, H, W]: a larger one is looked at in "
      "tiles, as `forger detect` does. N is 1.");
  type.def(
      "score_threshold",
      [](const SharedModel& shared, double false_alarms) {
        return shared.use([&](const Model& model) { return model.score_threshold(false_alarms); });
      },
      "false_alarms"_a, "The score that this share of normal images exceeds, above 0 and below 1.");
  type.def(
      "map_threshold",
      [](const SharedModel& shared, double false_alarms) {
        return shared.use([&](const Model& model) { return model.map_threshold(false_alarms); });
      },
      "false_alarms"_a, "The highest value in a map that this share of normal images exceeds.");
}

void add_pictures(nb::class_<SharedModel>& type) {
  type.def(
      "upscale",
      [](const SharedModel& shared, const at::Tensor& pixels, double scale, int64_t tile_px, bool wrap, bool tta,
         const std::string& precision, bool alpha) {
        const auto options = upscaling(scale, tile_px, wrap, tta, precision, alpha);
        return shared.use([&](const Model& model) { return model.upscale(pixels, options); });
      },
      "pixels"_a, nb::kw_only(), "scale"_a = 0.0, "tile_px"_a = 0, "wrap"_a = false, "tta"_a = false,
      "precision"_a = "auto", "alpha"_a = true,
      "Makes an image larger, uint8 [channels, H, W] (grey, RGB or RGBA) of any size to uint8 of the same channels, as "
      "`forger upscale` does. `scale`: 0 for the model's. `tile_px`: 0 for what fits into memory. `wrap`: for textures "
      "that are laid side by side. `tta`: the mean of eight turns and flips.");
  const auto add = [&](const char* name, const auto& upscale, const char* text) {
    type.def(name, upscale, "in_file"_a, "out_file"_a, nb::kw_only(), "scale"_a = 0.0, "tile_px"_a = 0,
             "wrap"_a = false, "tta"_a = false, "precision"_a = "auto", "alpha"_a = true, "quality"_a = 95,
             "goes_on"_a = nb::none(), "on_message"_a = nb::none(), text);
  };
  add("upscale_file", file_upscaler(&Model::upscale_file),
      "The same from file to file (PNG, JPEG, WebP), row by row, whatever their size. `goes_on`: asked with the share "
      "that is done; False ends it, and nothing is written. Returns whether the file was written.");
  add("upscale_video", file_upscaler(&Model::upscale_video),
      "The same of a video, frame by frame, through the programs ffmpeg and ffprobe.");
  type.def(
      "translate",
      [](const SharedModel& shared, const at::Tensor& pixels, const std::string& direction, uint64_t seed,
         bool deterministic, int64_t tile_px, const std::string& precision) {
        const TranslateOptions options{direction, seed, deterministic, tile_px, precision};
        return shared.use([&](const Model& model) { return model.translate(pixels, options); });
      },
      "pixels"_a, nb::kw_only(), "direction"_a = "", "seed"_a = 1, "deterministic"_a = false, "tile_px"_a = 0,
      "precision"_a = "auto",
      "Makes an image of another kind of an image, uint8 [channels, H, W] (grey, RGB or RGBA) of any size to uint8 of "
      "the model's channels and of the same size, as `forger translate` does. `direction`: \"a2b\" or \"b2a\". "
      "`seed`: which translation, where there are many; `deterministic`: the one without dropout.");
  type.def("translate_file", &translate_file, "in_file"_a, "out_file"_a, nb::kw_only(), "direction"_a = "",
           "seed"_a = 1, "deterministic"_a = false, "tile_px"_a = 0, "precision"_a = "auto", "quality"_a = 95,
           "goes_on"_a = nb::none(), "on_message"_a = nb::none(), "The same from file to file, as `upscale_file`.");
}

Exported export_onnx(const SharedModel& shared, const Path& out, const std::string& part, int64_t opset,
                     int64_t height_px, int64_t width_px, bool half, bool raw) {
  const ExportOptions options{part, opset, height_px, width_px, half, raw};
  return shared.use([&](const Model& model) { return model.export_onnx(out, options); });
}

}  // namespace

void add_model(nb::module_& module) {
  nb::class_<SharedModel> type(module, "Model",
                               "A trained model, loaded to be used. Threads may share it: one call runs after the "
                               "other. Tensors that come back lie on the CPU.");
  type.def_prop_ro("info", [](const SharedModel& shared) { return shared.info(); }, "What the file says about itself.");
  add_drawing(type);
  add_images(type);
  add_pictures(type);
  type.def("export_onnx", &export_onnx, "out"_a, nb::kw_only(), "part"_a = "", "opset"_a = 17, "height_px"_a = 0,
           "width_px"_a = 0, "half"_a = false, "raw"_a = false,
           "Writes a part of the model as an ONNX file, which other programs run (docs/export.md). `part`: "
           "\"generator\", \"encoder\", \"detector\", \"upscaler\", \"a2b\" or \"b2a\"; none: what the model is for.");
  module.def("load", &load, "path"_a, "device"_a = "auto",
             "Reads a model file, the model file of a run folder, or weights of another program. `device`: \"auto\", "
             "\"cpu\", \"cuda\" or \"cuda:N\". Raises Error that says which part of the file is wrong.");
  module.def(
      "import_weights",
      [](const Path& from, const Path& to, const std::string& as) {
        const nb::gil_scoped_release unlocked;
        import_weights(from, to, as);
      },
      "from_file"_a, "to_file"_a, "as_architecture"_a = "",
      "Writes the weights of a network that another program saved (.pth, .pt, .safetensors) as a model file. Nothing "
      "in "
      "the file is run.");
  module.def("save_image", &save_image, "path"_a, "pixels"_a,
             "Writes one picture, uint8 [C, H, W] with 1, 3 or 4 channels, as a PNG file, atomically.");
  module.def("save_grid", &save_grid, "path"_a, "samples"_a, "columns"_a = 0,
             "Writes samples, as `sample` returns them, side by side into one PNG file; points become a scatter plot.");
}

}  // namespace forger::python
