#include "commands/images_in.h"

#include <ATen/ops/stack.h>

#include <fmt/format.h>

#include <cstdio>
#include <set>

#include "api/inspector.h"
#include "core/fail.h"
#include "core/files.h"
#include "image/grid.h"

namespace forger::commands {
namespace {

namespace fs = std::filesystem;
constexpr size_t kBatch = 64;

/// The input's own name below --out: folders above it do not matter, those in a set do not either ("a/b.png" -> "b").
/// A second one of the same name gets a number.
fs::path place_of(const std::string& name, std::set<std::string>& taken) {
  const auto file = fs::path(name).filename();
  const std::string stem = file.has_extension() && file.string().find('#') == std::string::npos ? file.stem().string()
                                                                                               : file.string();
  std::string place = stem;
  for (int number = 2; !taken.insert(place).second; ++number) place = fmt::format("{}-{}", stem, number);
  return place;
}

}  // namespace

void add_images_in(CLI::App& command, ImagesInArguments& arguments) {
  command.add_option("MODEL", arguments.model, "Model file or run folder")->required();
  command.add_option("IN", arguments.inputs, "Image files, or any DATA")->required();
  command.add_option("--out", arguments.out, "Folder for what is made")->required();
  command.add_option("--resize", arguments.resize,
                     "Bring images of another size to the model's: crop the middle, pad or stretch; default: refuse them")
      ->check(CLI::IsMember({"crop", "pad", "stretch"}));
  command.add_option("--device", arguments.device, "auto, cpu, cuda or cuda:N")->capture_default_str();
}

int for_each_input(const ImagesInArguments& arguments, const ModelInfo& model,
                   const std::function<void(const Inputs&, int64_t, ImageIn)>& use) {
  if (model.height_px == 1) fail("{}: this model makes points, accepted: a model of images", arguments.model);
  const Inputs inputs(arguments.inputs);
  make_folder(arguments.out);
  std::set<std::string> taken;
  int64_t skipped = 0;
  std::string first_error;
  for (int64_t i = 0; i < inputs.size(); ++i) {
    const auto name = inputs.name(i);
    try {
      use(inputs, i, {name, fs::path(arguments.out) / place_of(name, taken), {}, {}});
    } catch (const ImageError& error) {
      if (first_error.empty()) first_error = error.what();
      ++skipped;
      fmt::print(stderr, "skipped: {}\n", error.what());
    }
  }
  if (skipped == inputs.size()) fail("none of {} images can be used; the first: {}", skipped, first_error);
  return skipped > 0 ? kSomeSkipped : 0;
}

int for_each_image(const ImagesInArguments& arguments, const ModelInfo& model,
                   const std::function<void(ImageIn&)>& prepare, const std::function<void(ImageIn)>& work) {
  return for_each_input(arguments, model, [&](const Inputs& inputs, int64_t index, ImageIn image) {
    as_image_error([&] {
      image.original = inputs.read(index);
      prepare(image);
    });
    work(std::move(image));
  });
}

int for_each_batch(const ImagesInArguments& arguments, const ModelInfo& model,
                   const std::function<void(const std::vector<ImageIn>&)>& work,
                   const std::function<void(const ImageIn&)>& prepare) {
  const ImageShape shape = shape_of(model);
  std::vector<ImageIn> batch;
  const auto hand_over = [&] {
    if (!batch.empty()) work(batch);
    batch.clear();
  };
  const auto shaped = [&](ImageIn& image) {
    image.pixels = to_tensor(to_model_shape(image.original, shape, image.name, arguments.resize));
    if (prepare) prepare(image);
  };
  const int code = for_each_image(arguments, model, shaped, [&](ImageIn image) {
    batch.push_back(std::move(image));
    if (batch.size() == kBatch) hand_over();
  });
  hand_over();
  return code;
}

at::Tensor stacked(const std::vector<ImageIn>& batch) {
  std::vector<at::Tensor> pixels;
  for (const auto& image : batch) pixels.push_back(image.pixels);
  return to_floats(at::stack(pixels));
}

}  // namespace forger::commands
