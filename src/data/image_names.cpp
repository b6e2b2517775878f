#include "data/image_names.h"

#include <filesystem>

namespace forger {

std::string name_without_extension(const std::string& name) {
  return std::filesystem::path(name).replace_extension().string();
}

std::optional<int64_t> ImageNames::find(const std::string& name) const {
  const auto found = numbers_.find(name);
  return found == numbers_.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace forger
