// upscale_network MODEL IN.npz OUT.npz PRECISION PASSES: lets a super-resolution network make a larger image of
// "images" as often as PASSES says, prints the wall and processor seconds of each pass, and writes what the last one
// gave.
#include <chrono>
#include <cstdio>
#include <ctime>
#include <exception>
#include <string>

#include "core/memory.h"
#include "core/npz.h"
#include "core/random.h"
#include "core/torch.h"
#include "model/import_model.h"
#include "model/load_weights.h"
#include "networks/catalog.h"
#include "players/precision.h"

namespace forger {
namespace {

double processor_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

void measure(char** arguments) {
  const torch::NoGradGuard no_grad;
  const std::string path = arguments[1];
  const auto model = read_or_import_model(path);
  const auto options = config_of(*model.part("generator")).upscaler;
  const auto network = loaded(make_upscaler(options, model.source_shape.channels, model.shape.channels, make_random(0)),
                              model, "generator", path, c10::kCPU);
  const auto images = read_npz(arguments[2]).at("images");
  at::Tensor made;
  for (int i = 0; i < std::stoi(arguments[5]); ++i) {
    const auto start = std::chrono::steady_clock::now();
    const double processor_start = processor_seconds();
    const Precision precision(c10::kCPU, uses_bfloat16(arguments[4], c10::kCPU));
    made = network->forward(images);
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    std::printf("%.4f %.4f\n", seconds.count(), processor_seconds() - processor_start);
  }
  write_npz(arguments[3], {{"images", made.contiguous()}});
}

}  // namespace
}  // namespace forger

int main(int count, char** arguments) {
  if (count != 6) return 2;
  forger::keep_freed_memory();  // as the program does
  try {
    forger::measure(arguments);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  return 0;
}
