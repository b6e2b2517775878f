#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "core/files.h"
#include "core/process.h"
#include "image/pixels.h"

namespace forger {

/// What ffprobe says of a video.
struct VideoInfo {
  /// Frames in a second, as ffmpeg writes it: "30000/1001".
  std::string rate;
  /// About: for those who wait.
  int64_t frames = 0;
  /// Of a pixel: "1:1".
  std::string pixel_shape = "1:1";
  /// By how much the pictures begin after the rest.
  double start_seconds = 0;
  /// That its frames do not last equally long.
  bool uneven = false;
  /// That it does not say by which matrix its colours are coded, and is of a size that players take BT.709 for.
  bool guesses_bt709 = false;
};

/// Throws Error unless ffmpeg and ffprobe are there.
void expect_ffmpeg();

/// Throws Error naming the file.
VideoInfo video_info(const std::filesystem::path& path);

/// A video's frames, one after the other, decoded by ffmpeg while they are read.
class VideoReader {
 public:
  VideoReader(const std::filesystem::path& path, const VideoInfo& info);
  /// The next frame, RGB and upright; none after the last one. Throws Error naming the file.
  std::optional<Pixels> next();

 private:
  std::filesystem::path path_;
  Process decoder_;
};

/// Encodes frames by ffmpeg while they come, beside the sound, the subtitles and the names of another video. The file
/// has its name once it is whole; what ends before that leaves nothing behind.
class VideoWriter {
 public:
  /// Of frames of one size, even on both sides. Throws Error naming the path, as the others do.
  VideoWriter(const std::filesystem::path& path, const std::filesystem::path& original, const VideoInfo& info,
              int64_t height, int64_t width);
  void write(const Pixels& frame);
  void finish();

 private:
  [[noreturn]] void give_up();

  std::filesystem::path path_;
  NewFile whole_;
  std::unique_ptr<Process> encoder_;
  int64_t frames_ = 0;
};

}  // namespace forger
