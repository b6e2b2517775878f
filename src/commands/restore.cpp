#include <ATen/ops/stack.h>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "commands/commands.h"
#include "commands/images_in.h"
#include "core/fail.h"
#include "core/files.h"
#include "core/text.h"
#include "data/inputs.h"
#include "forger/images.h"
#include "forger/model.h"
#include "image/grid.h"
#include "image/image_file.h"

namespace forger::commands {
namespace {

namespace fs = std::filesystem;

struct RestoreArguments : ImagesInArguments {
  std::string mask;
  int64_t count = 1;
  int64_t seed = 1;
  int64_t steps = 300;
  int64_t starts = 4;
};

constexpr const char* kAccepted =
    "an image file whose white part is to be filled, auto (what is transparent), or box:x,y,width,height in pixels";

/// White where to fill, in the size of the image as it was given.
Pixels box_mask(const std::string& text, int64_t height, int64_t width) {
  std::vector<int64_t> numbers;
  for (const auto& part : split(text.substr(4), ',')) {
    const auto digits = trimmed(part);
    if (digits.empty() || digits.size() > 6 || digits.find_first_not_of("0123456789") != std::string::npos) numbers.clear();
    numbers.push_back(digits.empty() || digits.size() > 6 ? -1 : std::stoll(digits));
  }
  if (numbers.size() != 4 || numbers[2] < 1 || numbers[3] < 1) {
    fail("--mask: received \"{}\", accepted: {}", text, kAccepted);
  }
  const auto [x, y, box_width, box_height] = std::tuple(numbers[0], numbers[1], numbers[2], numbers[3]);
  if (x + box_width > width || y + box_height > height) {
    fail("--mask: received {}, accepted: a box inside the image, which is {} wide and {} high", text, width, height);
  }
  Pixels mask(height, width, 1);
  for (int64_t row = y; row < y + box_height; ++row) std::fill_n(mask.row(row) + x, box_width, uint8_t{255});
  return mask;
}

Pixels transparent_part(const ImageIn& image) {
  const auto& original = image.original;
  if (original.channels != 4) fail("{}: --mask auto: the image has no transparent part, accepted: an image with alpha", image.name);
  Pixels mask(original.height, original.width, 1);
  for (size_t i = 0; i < mask.values.size(); ++i) mask.values[i] = original.values[4 * i + 3] < 128 ? 255 : 0;
  return mask;
}

class Masks {
 public:
  explicit Masks(const RestoreArguments& arguments) : arguments_(arguments) {
    const auto& mask = arguments.mask;
    if (mask == "auto" || mask.starts_with("box:")) return;
    if (!fs::is_regular_file(mask)) fail("--mask: received \"{}\", accepted: {}", mask, kAccepted);
    file_ = to_channels(decode_image(read_file(mask), mask), 1);
  }

  /// uint8 `[1, H, W]` in the model's shape, 1 where to fill.
  at::Tensor of(const ImageIn& image, const ModelInfo& model) const {
    const auto& original = image.original;
    Pixels mask = file_                        ? *file_
                  : arguments_.mask == "auto"  ? transparent_part(image)
                                               : box_mask(arguments_.mask, original.height, original.width);
    if (mask.height != original.height || mask.width != original.width) {
      fail("{}: the image is {}x{} (height x width), the mask {} is {}x{}; accepted: a mask of the image's size", image.name,
           original.height, original.width, arguments_.mask, mask.height, mask.width);
    }
    Pixels holes = to_model_shape(std::move(mask), {1, model.height_px, model.width_px}, image.name, arguments_.resize);
    for (auto& value : holes.values) value = value > 127 ? 1 : 0;
    const auto filled = std::count(holes.values.begin(), holes.values.end(), uint8_t{1});
    if (filled == 0) fail("{}: the mask is empty; nothing is to be filled", image.name);
    if (filled == static_cast<std::ptrdiff_t>(holes.values.size())) {
      fail("{}: the mask covers the whole image; nothing is left to go by", image.name);
    }
    return to_tensor(holes);
  }

 private:
  const RestoreArguments& arguments_;
  std::optional<Pixels> file_;
};

int restore_command(const RestoreArguments& arguments) {
  const Model model = Model::load(arguments.model, arguments.device);
  const Masks masks(arguments);
  std::vector<at::Tensor> holes;
  int64_t restored = 0;
  const auto restore = [&](const std::vector<ImageIn>& batch) {
    const auto images = stacked(batch), mask = at::stack(holes).to(at::kFloat);
    holes.clear();
    for (int64_t candidate = 0; candidate < arguments.count; ++candidate) {
      ReconstructOptions options;
      options.seed = static_cast<uint64_t>(arguments.seed + candidate);
      options.starts = arguments.starts;
      options.from_encoder = candidate == 0;
      options.steps = arguments.steps;
      const auto filled = to_bytes(model.restore(images, mask, options));
      for (size_t i = 0; i < batch.size(); ++i) {
        const std::string number = arguments.count > 1 ? fmt::format("-candidate{}", candidate + 1) : "";
        save_image(batch[i].out.string() + number + ".png", filled[static_cast<int64_t>(i)]);
      }
    }
    restored += static_cast<int64_t>(batch.size());
  };
  const int code = for_each_batch(arguments, model.info(), restore,
                                  [&](const ImageIn& image) { holes.push_back(masks.of(image, model.info())); });
  fmt::print("{} images restored in {}\n", restored, arguments.out);
  return code;
}

}  // namespace

void add_restore(Program& program) {
  auto arguments = std::make_shared<RestoreArguments>();
  auto* command = program.app.add_subcommand("restore", "Fill the masked part of images");
  add_images_in(*command, *arguments);
  command->add_option("--mask", arguments->mask, "What to fill: " + std::string(kAccepted))->required();
  command->add_option("--count", arguments->count, "Candidates for each image")->check(CLI::Range(1, 1000))->capture_default_str();
  command->add_option("--starts", arguments->starts, "Starts of the search for each candidate")
      ->check(CLI::Range(1, 64))->capture_default_str();
  command->add_option("--search-steps", arguments->steps, "Steps of the search")
      ->check(CLI::Range(1, 100'000))->capture_default_str();
  command->add_option("--seed", arguments->seed, "Seed of the first candidate")->check(CLI::NonNegativeNumber)->capture_default_str();
  command->callback([arguments, &program] { program.exit_code = restore_command(*arguments); });
}

}  // namespace forger::commands
