// DCGAN with the training loop of the PyTorch examples' C++ version (pytorch/examples, cpp/dcgan): the C++
// frontend's data loader and optimisers, float32, two loading threads, labels of reals drawn from 0.8 to 1.
// Its networks are those of the examples' Python version (64x64 colour, width 64): all three do the same
// work. Usage: cpp_dcgan IDX_FOLDER STEPS OUT (uncompressed train-images-idx3-ubyte and labels in IDX_FOLDER)
#include <torch/torch.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

namespace {

namespace nn = torch::nn;
constexpr int64_t kLatent = 100, kWidth = 64, kBatch = 64, kSize = 64;

nn::Conv2d down(int64_t from, int64_t to, int64_t stride, int64_t padding) {
  return nn::Conv2d(nn::Conv2dOptions(from, to, 4).stride(stride).padding(padding).bias(false));
}

nn::ConvTranspose2d up(int64_t from, int64_t to, int64_t stride, int64_t padding) {
  return nn::ConvTranspose2d(nn::ConvTranspose2dOptions(from, to, 4).stride(stride).padding(padding).bias(false));
}

nn::LeakyReLU leaky() { return nn::LeakyReLU(nn::LeakyReLUOptions().negative_slope(0.2).inplace(true)); }

/// Fashion-MNIST's grey 28 pixels as the colour images that the networks take.
torch::data::Example<> enlarge(torch::data::Example<> example) {
  const auto options = nn::functional::InterpolateFuncOptions()
                           .size(std::vector<int64_t>{kSize, kSize})
                           .mode(torch::kBilinear)
                           .align_corners(false);
  example.data = nn::functional::interpolate(example.data.unsqueeze(0), options).squeeze(0).expand({3, -1, -1});
  return example;
}

double seconds() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

}  // namespace

int main(int argument_count, char** arguments) {
  if (argument_count != 4) {
    std::fprintf(stderr, "usage: cpp_dcgan IDX_FOLDER STEPS OUT\n");
    return 2;
  }
  const int64_t steps = std::atoll(arguments[2]);
  torch::manual_seed(1);

  nn::Sequential generator(up(kLatent, kWidth * 8, 1, 0), nn::BatchNorm2d(kWidth * 8), nn::Functional(torch::relu),
                           up(kWidth * 8, kWidth * 4, 2, 1), nn::BatchNorm2d(kWidth * 4), nn::Functional(torch::relu),
                           up(kWidth * 4, kWidth * 2, 2, 1), nn::BatchNorm2d(kWidth * 2), nn::Functional(torch::relu),
                           up(kWidth * 2, kWidth, 2, 1), nn::BatchNorm2d(kWidth), nn::Functional(torch::relu),
                           up(kWidth, 3, 2, 1), nn::Tanh());
  nn::Sequential discriminator(down(3, kWidth, 2, 1), leaky(),                                            //
                               down(kWidth, kWidth * 2, 2, 1), nn::BatchNorm2d(kWidth * 2), leaky(),      //
                               down(kWidth * 2, kWidth * 4, 2, 1), nn::BatchNorm2d(kWidth * 4), leaky(),  //
                               down(kWidth * 4, kWidth * 8, 2, 1), nn::BatchNorm2d(kWidth * 8), leaky(),  //
                               down(kWidth * 8, 1, 1, 0), nn::Sigmoid(),
                               nn::Flatten(nn::FlattenOptions().start_dim(0)));

  auto dataset = torch::data::datasets::MNIST(arguments[1])
                     .map(torch::data::transforms::Normalize<>(0.5, 0.5))
                     .map(torch::data::transforms::Lambda<torch::data::Example<>>(enlarge))
                     .map(torch::data::transforms::Stack<>());
  auto loader = torch::data::make_data_loader<torch::data::samplers::RandomSampler>(
      std::move(dataset), torch::data::DataLoaderOptions().batch_size(kBatch).workers(2));

  const auto adam = torch::optim::AdamOptions(2e-4).betas({0.5, 0.999});
  torch::optim::Adam generator_optimizer(generator->parameters(), adam);
  torch::optim::Adam discriminator_optimizer(discriminator->parameters(), adam);

  std::ofstream journal(std::string(arguments[3]) + "/steps.jsonl");
  int64_t step = 0;
  double begin = seconds();
  while (step < steps) {
    for (auto& batch : *loader) {
      const double ready = seconds();
      const int64_t count = batch.data.size(0);

      discriminator->zero_grad();
      const auto real_labels = torch::empty(count).uniform_(0.8, 1.0);
      const auto real_loss = torch::binary_cross_entropy(discriminator->forward(batch.data), real_labels);
      real_loss.backward();

      const auto fake = generator->forward(torch::randn({count, kLatent, 1, 1}));
      auto fake_labels = torch::zeros({count});
      const auto fake_loss = torch::binary_cross_entropy(discriminator->forward(fake.detach()), fake_labels);
      fake_loss.backward();
      discriminator_optimizer.step();

      generator->zero_grad();
      fake_labels.fill_(1);
      const auto generator_loss = torch::binary_cross_entropy(discriminator->forward(fake), fake_labels);
      generator_loss.backward();
      generator_optimizer.step();

      std::printf("D_loss: %.4f | G_loss: %.4f\n", (real_loss + fake_loss).item<float>(), generator_loss.item<float>());
      const double now = seconds();
      journal << "{\"step\": " << ++step << ", \"step_seconds\": " << now - begin
              << ", \"data_wait_seconds\": " << ready - begin << "}\n";
      begin = now;
      if (step == steps) break;
    }
  }
  return 0;
}
