#include "model/old_names.h"

namespace forger {

std::map<std::string, at::Tensor> with_present_names(std::map<std::string, at::Tensor> tensors) {
  constexpr std::string_view kOld = ".turns.", kNew = ".rotations.";
  for (auto item = tensors.begin(); item != tensors.end();) {
    auto named = tensors.extract(item++);
    if (const auto at = named.key().find(kOld); at != std::string::npos) named.key().replace(at, kOld.size(), kNew);
    tensors.insert(std::move(named));
  }
  const auto of_discriminator = tensors.lower_bound("discriminator.");
  const bool plays = of_discriminator != tensors.end() && of_discriminator->first.starts_with("discriminator.");
  if (!plays) tensors.erase("augmentation.strength");
  return tensors;
}

}  // namespace forger
