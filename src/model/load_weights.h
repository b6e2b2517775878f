#pragma once

#include <torch/nn/module.h>

#include <memory>
#include <string>

#include "model/model_file.h"

namespace forger {

/// Copies the tensors "PREFIX.*" into the network's parameters and buffers. Throws Error, naming `source` and the
/// tensor, when one is missing, superfluous, or of another shape or dtype.
void load_weights(torch::nn::Module& network, const ModelFile& model, const std::string& prefix,
                  const std::string& source);

/// The network with those weights, on the device, to be used and not trained.
template <class Network>
std::shared_ptr<Network> loaded(std::shared_ptr<Network> network, const ModelFile& model, const std::string& prefix,
                                const std::string& source, c10::Device device) {
  load_weights(*network, model, prefix, source);
  network->to(device);
  network->eval();
  return network;
}

}  // namespace forger
