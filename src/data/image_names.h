#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>

namespace forger {

/// "faces/anna" of "faces/anna.png".
std::string name_without_extension(const std::string& name);

/// Images by their names without extension: how those of two sets belong to each other.
class ImageNames {
 public:
  void add(const std::string& name, int64_t number) { numbers_[name_without_extension(name)] = number; }
  /// The image of this name without extension.
  std::optional<int64_t> find(const std::string& name) const;

 private:
  std::unordered_map<std::string, int64_t> numbers_;
};

}  // namespace forger
