#pragma once

#include <vector>

#include "forger/config.h"
#include "networks/conditioning.h"
#include "networks/normalization.h"

namespace forger {

/// A multi-layer perceptron, for points and toys: `depth` (0: 3) hidden layers of `width` units, each a
/// linear layer, batch normalisation if asked for, and ReLU. `upsampling` and `max_width` say nothing here.
/// Images end in tanh, points stay unbounded. Weights as PyTorch's linear layers draw them.
class MlpGenerator : public Generator {
 public:
  MlpGenerator(const GeneratorOptions& options, const ImageShape& shape, int64_t classes,
               const at::Generator& random);
  at::Tensor forward(const at::Tensor& latent, const at::Tensor& labels) override;

 private:
  ImageShape shape_;
  std::shared_ptr<ClassLatent> class_latent_;
  std::vector<std::shared_ptr<Linear>> hidden_;
  std::vector<std::shared_ptr<Normalization>> norms_;
  std::shared_ptr<Linear> output_;
};

/// The same with LeakyReLU(0.2) and dropout after each hidden layer, down to one logit; `normalization` is
/// "batch" or "none".
class MlpDiscriminator : public Discriminator {
 public:
  MlpDiscriminator(const DiscriminatorOptions& options, const ImageShape& shape, int64_t classes,
                   const at::Generator& random);
  at::Tensor forward(const at::Tensor& images, const at::Tensor& labels) override;

 private:
  std::vector<std::shared_ptr<Linear>> hidden_;
  std::vector<std::shared_ptr<Normalization>> norms_;
  std::vector<std::shared_ptr<Dropout>> dropouts_;
  std::shared_ptr<Linear> logit_;
  std::shared_ptr<ClassProjection> class_projection_;
};

}  // namespace forger
