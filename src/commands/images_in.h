#pragma once

#include <ATen/core/Tensor.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "data/inputs.h"
#include "forger/model.h"
#include "image/pixels.h"

namespace forger::commands {

/// MODEL IN... --out DIR --resize: what commands that work on images have in common.
struct ImagesInArguments {
  std::string model;
  std::vector<std::string> inputs;
  std::string out;
  std::string resize;
  std::string device = "auto";
};
void add_images_in(CLI::App& command, ImagesInArguments& arguments);

/// An image on its way through a command.
struct ImageIn {
  std::string name;
  /// Below --out, without an extension; no other image of the call has the same.
  std::filesystem::path out;
  Pixels original;
  /// As the model takes it, uint8 `[C, H, W]`.
  at::Tensor pixels;
};

/// Exit codes when some images could not be used, and the rest was done; and when a signal came before the last one.
constexpr int kSomeSkipped = 3, kInterrupted = 130;

/// Hands over the inputs one after the other, with an ImageIn that has a name and a place only. One at which `use` throws an
/// ImageError is named on standard error and passed over; other Errors (a full disk) end the command. SIGINT and SIGTERM end
/// it with what is done so far. Returns the exit code: 0, kSomeSkipped or kInterrupted. Throws Error, the first one's, when
/// none can be used.
int for_each_input(const ImagesInArguments& arguments, const ModelInfo& model,
                   const std::function<void(const Inputs&, int64_t, ImageIn)>& use);

/// Reads the images one after the other and hands them over. One that cannot be read, or that `prepare` refuses by an Error,
/// is named on standard error and passed over; an Error of `work` (a full disk) ends the command. Returns the exit code: 0,
/// or kSomeSkipped. Throws Error, the first one's, when none can be used.
int for_each_image(const ImagesInArguments& arguments, const ModelInfo& model,
                   const std::function<void(ImageIn&)>& prepare, const std::function<void(ImageIn)>& work);

/// The same in batches of images brought to the model's shape; one of another size is refused, and one that `prepare`
/// refuses.
int for_each_batch(const ImagesInArguments& arguments, const ModelInfo& model,
                   const std::function<void(const std::vector<ImageIn>&)>& work,
                   const std::function<void(const ImageIn&)>& prepare = {});

/// The batch's images as a model takes them: float32 `[N, C, H, W]` in [-1, 1].
at::Tensor stacked(const std::vector<ImageIn>& batch);

}  // namespace forger::commands
