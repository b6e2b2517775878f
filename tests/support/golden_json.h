#pragma once

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/torch.h"

namespace forger {

/// The golden file `tests/<path>`, e.g. "objectives/golden/losses.json".
inline nlohmann::json read_golden(const std::string& path) {
  std::ifstream file(std::filesystem::path(FORGER_TEST_DATA).parent_path() / path);
  return nlohmann::json::parse(file);
}

/// A list of numbers as a float32 tensor.
inline at::Tensor golden_tensor(const nlohmann::json& values) {
  return torch::tensor(values.get<std::vector<double>>(), at::kDouble).to(at::kFloat);
}

}  // namespace forger
