// run_upscaler MODEL IN.npz OUT.npz: what a super-resolution network, or weights of another program, makes of float
// images [N, C, H, W] in [-1, 1], by name. For the Python tests that compare it with others' networks.
#include <cstdio>
#include <exception>

#include "core/npz.h"
#include "core/random.h"
#include "core/torch.h"
#include "model/import_model.h"
#include "model/load_weights.h"
#include "networks/catalog.h"

namespace forger {
namespace {

void run(const char* model_path, const char* in, const char* out) {
  const torch::NoGradGuard no_grad;
  const auto model = read_or_import_model(model_path);
  const auto options = config_of(*model.part("generator")).upscaler;
  const auto network = loaded(make_upscaler(options, model.source_shape.channels, model.shape.channels, make_random(0)),
                              model, "generator", model_path, c10::kCPU);
  std::map<std::string, at::Tensor> made;
  for (const auto& [name, images] : read_npz(in)) made[name] = network->forward(images).contiguous();
  write_npz(out, made);
}

}  // namespace
}  // namespace forger

int main(int count, char** arguments) {
  if (count != 4) return 2;
  try {
    forger::run(arguments[1], arguments[2], arguments[3]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  return 0;
}
