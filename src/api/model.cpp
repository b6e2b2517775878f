#include "forger/model.h"

#include <algorithm>

#include "core/device.h"
#include "core/fail.h"
#include "core/random.h"
#include "core/torch.h"
#include "games/latent.h"
#include "image/grid.h"
#include "model/load_weights.h"
#include "networks/catalog.h"
#include "run/run_folder.h"

namespace forger {
namespace {

constexpr int64_t kBatchImages = 64;
constexpr int64_t kInterpolationSteps = 8;

std::shared_ptr<Generator> load_generator(const ModelFile& file, const std::string& prefix, const std::string& source,
                                          c10::Device device) {
  auto generator = make_generator(file.generator, file.shape, file.classes(), make_random(0));
  load_weights(*generator, file, prefix, source);
  generator->to(device);
  generator->eval();
  return generator;
}

std::filesystem::path model_file_of(const std::filesystem::path& path) {
  if (!std::filesystem::is_directory(path)) return path;
  const auto run = RunFolder::open(path);
  if (!std::filesystem::exists(run.model())) fail("{}: the run has no model yet", path.string());
  return run.model();
}

}  // namespace

struct Model::Implementation {
  ModelInfo info;
  ModelFile file;
  c10::Device device = c10::kCPU;
  std::shared_ptr<Generator> generator;
  std::shared_ptr<Generator> raw_generator;
};

Model Model::load(const std::filesystem::path& path, const std::string& device) {
  auto model = std::make_shared<Implementation>();
  const auto source = model_file_of(path);
  model->device = choose_device(device);
  model->file = read_model(source);
  auto& [info, file, where, generator, raw_generator] = *model;
  generator = load_generator(file, "generator", source.string(), where);
  const bool has_raw = std::any_of(file.tensors.begin(), file.tensors.end(),
                                   [](const auto& item) { return item.first.starts_with("raw_generator."); });
  if (has_raw) raw_generator = load_generator(file, "raw_generator", source.string(), where);
  file.tensors.clear();

  info.task = file.task;
  info.height_px = file.shape.height;
  info.width_px = file.shape.width;
  info.channels = file.shape.channels;
  info.latent_size = file.generator.latent_size;
  info.class_names = file.class_names;
  for (const auto& weight : generator->parameters()) info.weights += weight.numel();
  info.has_raw = has_raw;
  info.provenance = file.provenance;
  return Model(std::move(model));
}

const ModelInfo& Model::info() const { return implementation_->info; }

at::Tensor Model::generate(const at::Tensor& latent, const at::Tensor& labels, bool raw) const {
  const auto& [info, file, device, generator, raw_generator] = *implementation_;
  if (latent.dim() != 2 || latent.size(1) != info.latent_size) {
    fail("generate: received latents of {} dimensions and last size {}, accepted: [N, {}]", latent.dim(),
         latent.dim() > 0 ? latent.size(-1) : 0, info.latent_size);
  }
  if (file.classes() > 0 && (!labels.defined() || labels.size(0) != latent.size(0))) {
    fail("generate: the model is class-conditional; it needs one label for each of the {} latents", latent.size(0));
  }
  torch::NoGradGuard no_grad;
  Generator& network = raw && raw_generator ? *raw_generator : *generator;
  const int64_t count = latent.size(0);
  at::Tensor images = at::empty({count, info.channels, info.height_px, info.width_px}, at::kFloat);
  for (int64_t first = 0; first < count; first += kBatchImages) {
    const int64_t size = std::min(kBatchImages, count - first);
    const auto part = labels.defined() ? labels.narrow(0, first, size).to(device) : at::Tensor();
    images.narrow(0, first, size).copy_(network.forward(latent.narrow(0, first, size).to(device), part));
  }
  return images;
}

at::Tensor Model::sample(int64_t count, const SampleOptions& options) const {
  const auto& file = implementation_->file;
  if (count < 0) fail("sample: received count {}, accepted: 0 or more", count);
  if (options.class_number >= file.classes() || options.class_number < -1) {
    fail("sample: received class {}, accepted: {}", options.class_number,
         file.classes() == 0 ? "none, the model knows no classes" : fmt::format("0 to {}", file.classes() - 1));
  }
  auto random = make_random(derive_seed(options.seed, Stream::sample));
  const int64_t drawn = options.interpolate ? (count + kInterpolationSteps - 1) / kInterpolationSteps : count;
  auto latent = draw_latent(file.generator, drawn, random, options.truncation);
  if (options.interpolate && count > 0) {
    latent = interpolate_latents(file.generator, latent, kInterpolationSteps).narrow(0, 0, count);
  }
  at::Tensor labels;
  if (file.classes() > 0) {
    labels = options.class_number >= 0 ? at::full({count}, options.class_number, at::kLong)
                                       : at::arange(count, at::kLong) % file.classes();
  }
  return generate(latent, labels, options.raw);
}

at::Tensor Model::sample_pixels(int64_t count, const SampleOptions& options) const {
  if (implementation_->info.height_px == 1) fail("sample: this model makes points, which have no pixels");
  return to_bytes(sample(count, options));
}

}  // namespace forger
