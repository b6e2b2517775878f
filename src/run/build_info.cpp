#include "run/build_info.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <fmt/chrono.h>
#include <torch/version.h>

#include <ctime>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "build_constants.h"
#include "core/json.h"

namespace forger {

std::string build_info_json(c10::Device device, bool bfloat16) {
  nlohmann::ordered_json json;
  json["forger"] = FORGER_VERSION;
  json["revision"] = FORGER_REVISION;
  json["build_type"] = FORGER_BUILD_TYPE;
  json["compiler"] = FORGER_COMPILER;
  json["libtorch"] = TORCH_VERSION;
  json["device"] = device.str();
  json["cpu_capability"] = at::get_cpu_capability();
  json["precision"] = bfloat16 ? "bfloat16" : "float32";
  json["threads"] = at::get_num_threads();
  json["folder"] = std::filesystem::current_path().string();
  json["started"] = fmt::format("{:%FT%TZ}", fmt::gmtime(std::time(nullptr)));
  return json_text(json, 2) + "\n";
}

}  // namespace forger
