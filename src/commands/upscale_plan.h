#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "data/inputs.h"
#include "image/image_file.h"

namespace forger::commands {

/// Where what is made of pictures and videos goes.
struct UpscaleTarget {
  std::string out;
  /// "png", "jpg" or "webp"; empty: that of --out, or PNG.
  std::string format;
  /// Behind the names of what is made.
  std::string suffix;
  /// Files of each picture, numbered where they are more than one.
  int64_t count = 1;
};

/// Whether a file is a video, by its name.
bool is_video(const std::filesystem::path& file);

/// What a call is to make: for each picture of the inputs, and for each video, its file.
struct UpscalePlan {
  struct Step {
    std::string name;      ///< for people
    int64_t picture = -1;  ///< of the inputs; -1: a video
    std::filesystem::path out;
    int64_t number = 0;  ///< of the picture's files
  };
  std::vector<Step> steps;
  ImageFormat format = ImageFormat::png;
  /// Inputs that are left out, as a call with the same suffix made them.
  int64_t made_before = 0;
};

/// Folders keep their structure; a second picture of the same name gets a number. Throws Error, before anything is
/// done, where something would overwrite an input, or --out and --format do not fit what is to be made.
UpscalePlan plan_upscale(const Inputs* pictures, const std::vector<std::string>& videos, const UpscaleTarget& target);

}  // namespace forger::commands
