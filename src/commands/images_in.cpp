#include "commands/images_in.h"

#include <ATen/ops/stack.h>

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <set>

#include "api/inspector.h"
#include "commands/stop_signal.h"
#include "core/fail.h"
#include "core/files.h"
#include "core/utf8.h"
#include "data/mvtec.h"
#include "image/grid.h"

namespace forger::commands {
namespace {

namespace fs = std::filesystem;
constexpr size_t kBatch = 64;
/// Skipped images that are named one by one.
constexpr int64_t kNamed = 100;

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

/// What was wrong with an image, with its whole name: sources name what they hold by their own names.
std::string full_reason(const std::string& reason, const std::string& name) {
  if (reason.find(name) != std::string::npos) return reason;
  const auto end = reason.find(": ");
  const bool starts_with_own = end != std::string::npos && name.ends_with(reason.substr(0, end));
  return starts_with_own ? name + reason.substr(end) : name + ": " + reason;
}

/// What is made must not lie among the images it is made of: it would replace them, or be looked at the next time.
void refuse_out_among_inputs(const ImagesInArguments& arguments) {
  std::error_code unknown;
  const auto out = fs::weakly_canonical(fs::absolute(arguments.out), unknown);
  for (const auto& input : arguments.inputs) {
    fs::path folder = fs::weakly_canonical(fs::absolute(input), unknown);
    const bool is_file = fs::is_regular_file(folder, unknown);
    if (is_file) folder = folder.parent_path();
    if (!is_file && is_mvtec(folder)) folder /= "test";
    const auto [end, rest] = std::mismatch(folder.begin(), folder.end(), out.begin(), out.end());
    const bool among = is_file ? folder == out : fs::is_directory(folder, unknown) && end == folder.end();
    if (among) fail("--out: received {}, where {} lies, accepted: a folder apart from the images", arguments.out, input);
  }
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
  if (arguments.out.empty()) fail("--out: received nothing, accepted: a folder");
  const Inputs inputs(arguments.inputs);
  refuse_out_among_inputs(arguments);
  make_folder(arguments.out);
  if (const auto& passed_over = inputs.ignored(); !passed_over.empty()) {
    fmt::print(stderr, "passed over: {} (no PNG, JPEG or WebP by name, or no data)\n", passed_over_text(passed_over));
  }
  for (const auto& reason : inputs.incomplete()) fmt::print(stderr, "incomplete: {}\n", printable(reason));
  const StopSignal signal;
  std::set<std::string> taken;
  int64_t skipped = 0;
  std::string first_error;
  for (int64_t i = 0; i < inputs.size(); ++i) {
    if (StopSignal::received()) {
      fmt::print(stderr, "stopped after {} of {} images\n", i, inputs.size());
      return kInterrupted;
    }
    const auto name = inputs.name(i);
    try {
      use(inputs, i, {name, fs::path(arguments.out) / place_of(name, taken), {}, {}});
    } catch (const ImageError& error) {
      const auto reason = full_reason(error.what(), name);
      if (first_error.empty()) first_error = reason;
      if (++skipped <= kNamed) fmt::print(stderr, "skipped: {}\n", printable(reason));
    }
  }
  if (skipped > kNamed) fmt::print(stderr, "skipped: {} more\n", skipped - kNamed);
  if (skipped == inputs.size()) fail("none of {} images can be used; the first: {}", skipped, first_error);
  return skipped > 0 || !inputs.incomplete().empty() ? kSomeSkipped : 0;
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
  if (code != kInterrupted) hand_over();
  return code;
}

at::Tensor stacked(const std::vector<ImageIn>& batch) {
  std::vector<at::Tensor> pixels;
  for (const auto& image : batch) pixels.push_back(image.pixels);
  return to_floats(at::stack(pixels));
}

}  // namespace forger::commands
