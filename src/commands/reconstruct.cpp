#include <ATen/ops/cat.h>
#include <ATen/ops/stack.h>
#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "commands/commands.h"
#include "commands/images_in.h"
#include "commands/output.h"
#include "commands/output_file.h"
#include "core/files.h"
#include "core/npz.h"
#include "core/plural.h"
#include "core/text.h"
#include "core/utf8.h"
#include "forger/images.h"
#include "forger/model.h"
#include "image/grid.h"
#include "metrics/likeness.h"

namespace forger::commands {
namespace {

namespace fs = std::filesystem;
constexpr const char* kReconstructions = "reconstructions.csv";

struct ReconstructArguments : ImagesInArguments {
  ReconstructOptions options;
  int64_t seed = 1;
  std::string arrays;
};

int reconstruct_command(ReconstructArguments& arguments) {
  const Model model = Model::load(arguments.model, arguments.device);
  arguments.options.seed = static_cast<uint64_t>(arguments.seed);
  if (!arguments.arrays.empty()) prepare_output_file("--arrays", arguments.arrays);
  ImagesCall call(arguments, model.info(), ".png");
  arguments.options.search_goes_on = [&](double done) { return call.search_goes_on(done); };
  AppendFile table = call.table(kReconstructions);
  table.append("file,mean_squared_error,psnr_db,ssim,output\n");
  std::vector<at::Tensor> pixels, latents;
  double psnr = 0, ssim = 0;
  int64_t count = 0;
  call.for_each_batch([&](const std::vector<ImageIn>& batch) {
    const auto images = stacked(batch);
    const auto reconstruction = model.reconstruct(images, arguments.options);
    if (call.search_stopped()) return;
    const auto bytes = to_bytes(reconstruction.images);
    const auto made = to_floats(bytes);
    const auto likeness = compare_images(images, made);
    if (!arguments.arrays.empty()) {
      pixels.push_back(bytes.permute({0, 2, 3, 1}));
      latents.push_back(reconstruction.latents);
    }
    for (size_t i = 0; i < batch.size(); ++i) {
      const auto row = static_cast<int64_t>(i);
      const fs::path output = batch[i].out.string() + ".png";
      const bool written = call.try_write(batch[i], [&] { save_grid(output, at::stack({images[row], made[row]}), 2); });
      table.append(fmt::format("{},{:.6f},{:.3f},{:.5f},{}\n", csv_field(batch[i].name), likeness[i].mean_squared_error,
                               likeness[i].psnr_db, likeness[i].ssim,
                               written ? csv_field(output.filename().string()) : std::string()));
      psnr += likeness[i].psnr_db, ssim += likeness[i].ssim;
      ++count;
    }
  });
  table.close();
  if (!arguments.arrays.empty() && count > 0) {
    write_npz(arguments.arrays, {{"images", at::cat(pixels)}, {"latents", at::cat(latents)}});
  }
  print("{}, each beside its reconstruction, in {}\n", counted(count, "image"), printable(arguments.out));
  if (count > 0) {
    print("mean PSNR {:.2f} dB, mean SSIM {:.3f}; each image in {}\n", psnr / static_cast<double>(count),
          ssim / static_cast<double>(count), printable((fs::path(arguments.out) / kReconstructions).string()));
  }
  return call.finish();
}

}  // namespace

void add_reconstruct(Program& program) {
  auto arguments = std::make_shared<ReconstructArguments>();
  auto* command = program.app.add_subcommand("reconstruct", "Let a model make given images again");
  add_images_in(*command, *arguments);
  command->add_option("--arrays", arguments->arrays,
                      "Also an .npz of `images`, the reconstructions, uint8 [N,H,W,C], and their `latents`, float32");
  command->add_flag("--search", arguments->options.search,
                    "Improve the encoder's answer by a search; models without an encoder always search");
  command->add_option("--starts", arguments->options.starts, "Starts of a search for each image")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  command->add_option("--search-steps", arguments->options.search_steps, "Steps of a search")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  command->add_option("--seed", arguments->seed, "Seed of the starts")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command->callback([arguments, &program] { program.exit_code = reconstruct_command(*arguments); });
}

}  // namespace forger::commands
