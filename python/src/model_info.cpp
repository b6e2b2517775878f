#include <nanobind/stl/map.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "arrays.h"
#include "bindings.h"
#include "forger/model.h"

namespace nb = nanobind;

namespace forger::python {
namespace {

void add_exports(nb::module_& module) {
  nb::class_<ExportedTensor>(module, "ExportedTensor", "What goes into a written model or comes out of it.")
      .def_ro("name", &ExportedTensor::name)
      .def_ro("type", &ExportedTensor::type, "\"float32\", \"uint8\" or \"int64\".")
      .def_ro("sides", &ExportedTensor::sides, "Lengths, or names of those that may be any.");
  nb::class_<Exported>(module, "Exported", "What was written.")
      .def_ro("part", &Exported::part)
      .def_ro("inputs", &Exported::inputs)
      .def_ro("outputs", &Exported::outputs)
      .def_ro("nodes", &Exported::nodes)
      .def_ro("file_bytes", &Exported::file_bytes)
      .def_ro("beside_bytes", &Exported::beside_bytes, "Of weights in FILE.data beside it, or 0.")
      .def_ro("raw", &Exported::raw);
}

}  // namespace

void add_model_info(nb::module_& module) {
  add_exports(module);
  nb::class_<ModelInfo>(module, "ModelInfo", "What a model file says about itself.")
      .def_ro("game", &ModelInfo::game)
      .def_ro("has_encoder", &ModelInfo::has_encoder)
      .def_ro("has_detector", &ModelInfo::has_detector)
      .def_ro("has_upscaler", &ModelInfo::has_upscaler)
      .def_ro("has_translator", &ModelInfo::has_translator)
      .def_ro("has_variety", &ModelInfo::has_variety, "Whether one image has many translations.")
      .def_ro("directions", &ModelInfo::directions, "Which way it translates: \"a2b\", \"b2a\" or both.")
      .def_ro("scale", &ModelInfo::scale, "Sides of what it makes over sides of what it makes it from, or 0.")
      .def_ro("source_channels", &ModelInfo::source_channels)
      .def_ro("source_kinds", &ModelInfo::source_kinds, "Above 0: it takes label maps of so many kinds.")
      .def_ro("architecture", &ModelInfo::architecture)
      .def_ro("height_px", &ModelInfo::height_px, "Of the images that it makes; 0: of any size.")
      .def_ro("width_px", &ModelInfo::width_px)
      .def_ro("channels", &ModelInfo::channels)
      .def_ro("levels", &ModelInfo::levels, "How 16-bit values became 8 bits: \"keep\" or \"[0, 4095]\".")
      .def_ro("latent_size", &ModelInfo::latent_size)
      .def_ro("class_names", &ModelInfo::class_names, "Empty unless class-conditional.")
      .def_ro("weights", &ModelInfo::weights, "Number of weights of the network that samples.")
      .def_ro("has_raw", &ModelInfo::has_raw, "Whether the file also holds the raw weights.")
      .def_ro("provenance", &ModelInfo::provenance, "Recipe, data, steps, images, seed, versions, time.");
  nb::class_<Latents>(module, "Latents", "What a generator makes images of.")
      .def_ro("latents", &Latents::latents, "float32 [N, latent_size].")
      .def_ro("labels", &Latents::labels, "int64 [N], classes; None without them.");
  nb::class_<Reconstruction>(module, "Reconstruction", "Images as the model makes them again.")
      .def_ro("images", &Reconstruction::images, "float32 [N, channels, height, width] in [-1, 1].")
      .def_ro("latents", &Reconstruction::latents, "float32 [N, latent_size].")
      .def_ro("labels", &Reconstruction::labels, "int64 [N], the class that was found; None without classes.");
  nb::class_<Detection>(module, "Detection", "What a model says of images: are they like the normal ones?")
      .def_ro("scores", &Detection::scores, "float64 [N]: about 0 for normal images; higher: stranger.")
      .def_ro("p_normal", &Detection::p_normal, "float64 [N]: the share of normal images with such a score or more.")
      .def_ro("maps", &Detection::maps, "float32 [N, 1, height, width]: how strange each pixel is.");
}

}  // namespace forger::python
