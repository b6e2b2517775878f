#include "model/load_weights.h"

#include <fmt/ranges.h>

#include <set>

#include "core/fail.h"
#include "core/torch.h"

namespace forger {

void load_weights(torch::nn::Module& network, const ModelFile& model, const std::string& prefix,
                  const std::string& source) {
  torch::NoGradGuard no_grad;
  std::set<std::string> wanted;
  const auto load = [&](const std::string& key, at::Tensor target) {
    const std::string name = prefix + "." + key;
    wanted.insert(name);
    const auto found = model.tensors.find(name);
    if (found == model.tensors.end()) fail("{}: the tensor {} is missing", source, name);
    const auto& tensor = found->second;
    if (tensor.sizes() != target.sizes() || tensor.scalar_type() != target.scalar_type()) {
      fail("{}: the tensor {} is {} [{}], the architecture needs {} [{}]", source, name,
           c10::toString(tensor.scalar_type()), fmt::join(tensor.sizes(), ", "), c10::toString(target.scalar_type()),
           fmt::join(target.sizes(), ", "));
    }
    target.copy_(tensor);
  };
  for (const auto& item : network.named_parameters()) load(item.key(), item.value());
  for (const auto& item : network.named_buffers()) load(item.key(), item.value());
  for (const auto& [name, tensor] : model.tensors) {
    if (name.starts_with(prefix + ".") && !wanted.contains(name)) {
      fail("{}: the tensor {} does not belong to the architecture", source, name);
    }
  }
}

}  // namespace forger
