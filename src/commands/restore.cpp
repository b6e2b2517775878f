#include <ATen/ops/stack.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "commands/commands.h"
#include "commands/images_in.h"
#include "commands/output.h"
#include "core/fail.h"
#include "core/files.h"
#include "core/plural.h"
#include "core/text.h"
#include "core/utf8.h"
#include "data/inputs.h"
#include "forger/images.h"
#include "forger/model.h"
#include "image/grid.h"
#include "image/mask.h"

namespace forger::commands {
namespace {

namespace fs = std::filesystem;

struct RestoreArguments : ImagesInArguments {
  std::string mask;
  int64_t count = 1;
  int64_t seed = 1;
  int64_t search_steps = 300;
  int64_t starts = 4;
};

constexpr const char* kAccepted =
    "an image file whose marked part (white, or all that is not black) is to be filled, auto (what is not opaque), or "
    "box:x,y,width,height in pixels";

/// In pixels from the top left corner.
struct Box {
  int64_t x = 0, y = 0, width = 0, height = 0;
};

/// Of "box:x,y,width,height".
Box parse_box(const std::string& text) {
  const auto parts = split(text.substr(4), ',');
  std::array<int64_t, 4> numbers{};
  bool whole = parts.size() == numbers.size();
  for (size_t i = 0; whole && i < numbers.size(); ++i) {
    const auto digits = trimmed(parts[i]);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), numbers[i]);
    whole = error == std::errc() && end == digits.data() + digits.size();
  }
  const Box box{numbers[0], numbers[1], numbers[2], numbers[3]};
  if (!whole || box.width < 1 || box.height < 1) fail("--mask: received \"{}\", accepted: {}", text, kAccepted);
  return box;
}

/// White where to fill, in the size of the image as it was given.
Pixels box_mask(const Box& box, const ImageIn& image) {
  const auto [height, width] = std::pair(image.original.height, image.original.width);
  const auto inside = [](int64_t start, int64_t length, int64_t side) {
    return start >= 0 && length <= side && start <= side - length;
  };
  if (!inside(box.x, box.width, width) || !inside(box.y, box.height, height)) {
    fail("{}: --mask: received box:{},{},{},{}, accepted: a box inside the image, which is {} wide and {} high",
         image.name, box.x, box.y, box.width, box.height, width, height);
  }
  Pixels mask(height, width, 1);
  for (int64_t row = box.y; row < box.y + box.height; ++row)
    std::fill_n(mask.row(row) + box.x, box.width, uint8_t{255});
  return mask;
}

/// Whether what is not to be filled is the same in the model's channels as in the image's.
bool keeps_known(const Pixels& original, const at::Tensor& shaped, const at::Tensor& holes) {
  const auto made = shaped.contiguous();
  const int64_t channels = made.size(0), pixels = original.height * original.width;
  const auto* values = made.const_data_ptr<uint8_t>();
  const auto* hole = holes.const_data_ptr<uint8_t>();
  const int64_t colors = original.channels == 4 ? 3 : original.channels;
  for (int64_t i = 0; i < pixels; ++i) {
    if (hole[i]) continue;
    const uint8_t* pixel = original.values.data() + i * original.channels;
    for (int64_t c = 0; c < std::max<int64_t>(colors, std::min<int64_t>(channels, 3)); ++c) {
      if (pixel[std::min(c, colors - 1)] != values[std::min(c, std::min<int64_t>(channels, 3) - 1) * pixels + i])
        return false;
    }
    const uint8_t alpha = original.channels == 4 ? pixel[3] : uint8_t{255};
    if (alpha != (channels == 4 ? values[3 * pixels + i] : uint8_t{255})) return false;
  }
  return true;
}

Pixels transparent_part(const ImageIn& image) {
  const auto& original = image.original;
  if (original.channels != 4)
    fail("{}: --mask auto: the image has no transparent part, accepted: an image with alpha", image.name);
  Pixels mask(original.height, original.width, 1);
  for (size_t i = 0; i < mask.values.size(); ++i) mask.values[i] = original.values[4 * i + 3] < 255 ? 255 : 0;
  return mask;
}

class Masks {
 public:
  explicit Masks(const RestoreArguments& arguments) : arguments_(arguments) {
    const auto& mask = arguments.mask;
    if (mask == "auto") return;
    if (mask.starts_with("box:")) {
      box_ = parse_box(mask);
      return;
    }
    if (!fs::is_regular_file(mask)) fail("--mask: received \"{}\", which is no file, accepted: {}", mask, kAccepted);
    file_ = decode_mask(read_file(mask), mask);
  }

  /// uint8 `[1, H, W]` in the model's shape, 1 where to fill.
  at::Tensor of(const ImageIn& image, const ModelInfo& model) const {
    const auto& original = image.original;
    Pixels mask = file_ ? *file_ : box_ ? box_mask(*box_, image) : transparent_part(image);
    if (mask.height != original.height || mask.width != original.width) {
      fail("{}: the image is {}x{} (height x width), the mask {} is {}x{}; accepted: a mask of the image's size",
           image.name, original.height, original.width, arguments_.mask, mask.height, mask.width);
    }
    Pixels holes = to_model_shape(std::move(mask), {1, model.height_px, model.width_px}, image.name, arguments_.resize);
    // A pixel that a hole has a part in is not known.
    for (auto& value : holes.values) value = value > 0 ? 1 : 0;
    const auto filled = std::count(holes.values.begin(), holes.values.end(), uint8_t{1});
    if (filled == 0) {
      fail("{}: the mask is empty{}; nothing is to be filled", image.name,
           arguments_.resize.empty() ? "" : " in the part of the image that --resize leaves");
    }
    if (filled == static_cast<std::ptrdiff_t>(holes.values.size())) {
      fail("{}: the mask covers the whole image; nothing is left to go by", image.name);
    }
    auto where = to_tensor(holes);
    if (arguments_.resize.empty() && !keeps_known(original, image.pixels, where)) {
      fail(
          "{}: its known part is in colours, or see-through, as this model of {} cannot make it; accepted: other "
          "images, or --resize to bring it to the model's",
          image.name, counted(model.channels, "channel"));
    }
    return where;
  }

 private:
  const RestoreArguments& arguments_;
  std::optional<Pixels> file_;
  std::optional<Box> box_;
};

int restore_command(const RestoreArguments& arguments) {
  const Model model = Model::load(arguments.model, arguments.device);
  const Masks masks(arguments);
  const auto ending = [&](int64_t candidate) {
    return arguments.count > 1 ? fmt::format("-candidate{}.png", candidate) : std::string(".png");
  };
  ImagesCall call(arguments, model.info(), ending(arguments.count));
  AppendFile table = call.table("restorations.csv");
  table.append("file,output\n");
  std::vector<at::Tensor> holes;
  int64_t restored = 0;
  const auto restore = [&](const std::vector<ImageIn>& batch) {
    const auto images = stacked(batch), mask = at::stack(holes).to(at::kFloat);
    holes.clear();
    for (int64_t candidate = 0; candidate < arguments.count; ++candidate) {
      ReconstructOptions options;
      options.seed = static_cast<uint64_t>(arguments.seed) + static_cast<uint64_t>(candidate);
      options.starts = arguments.starts;
      options.from_encoder = candidate == 0;
      options.search_steps = arguments.search_steps;
      options.search_goes_on = [&](double done) {
        return call.search_goes_on((static_cast<double>(candidate) + done) / static_cast<double>(arguments.count));
      };
      const auto filled = to_bytes(model.restore(images, mask, options));
      if (call.search_stopped()) return;
      for (size_t i = 0; i < batch.size(); ++i) {
        const fs::path output = batch[i].out.string() + ending(candidate + 1);
        const bool written = call.try_write(batch[i], [&] { save_image(output, filled[static_cast<int64_t>(i)]); });
        table.append(fmt::format("{},{}\n", csv_field(batch[i].name),
                                 written ? csv_field(output.filename().string()) : std::string()));
        restored += written && candidate == 0;
      }
    }
  };
  call.for_each_batch(restore, [&](const ImageIn& image) { holes.push_back(masks.of(image, model.info())); });
  table.close();
  print("{} restored in {}\n", counted(restored, "image"), printable(arguments.out));
  return call.finish();
}

}  // namespace

void add_restore(Program& program) {
  auto arguments = std::make_shared<RestoreArguments>();
  auto* command = program.app.add_subcommand("restore", "Fill the masked part of images");
  add_images_in(*command, *arguments);
  command->add_option("--mask", arguments->mask, "What to fill: " + std::string(kAccepted))->required();
  command->add_option("--count", arguments->count, "Candidates for each image")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  command->add_option("--starts", arguments->starts, "Starts of the search for each candidate")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  command->add_option("--search-steps", arguments->search_steps, "Steps of the search")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  command->add_option("--seed", arguments->seed, "Seed of the first candidate")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command->callback([arguments, &program] { program.exit_code = restore_command(*arguments); });
}

}  // namespace forger::commands
