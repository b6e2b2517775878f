// run_upscaler MODEL IN.npz OUT.npz: what a network of super-resolution or of translation, or weights of another
// program, makes of float images [N, C, H, W] in [-1, 1], by name. For the Python tests that compare it with others'
// networks.
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
  const auto& part = *model.part("generator");
  const auto config = config_of(part);
  const int64_t from = model.source_shape.channels, to = model.shape.channels;
  auto network = part.kind == "translator" ? make_translator(config.translator, from, to, make_random(0))
                                           : make_upscaler(config.upscaler, from, to, make_random(0));
  network = loaded(network, model, "generator", model_path, c10::kCPU);
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
