#include "api/video.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "core/fail.h"

namespace forger {
namespace {

using nlohmann::json;
using Words = std::vector<std::string>;

/// How a container is made: its name for ffmpeg, and codecs for pictures, sound and subtitles. Sound and subtitles of a
/// container of the same kind are copied.
struct Container {
  const char* ending;
  const char* format;
  const char* pictures;
  const char* sound;
  const char* subtitles;  ///< null: it has none
};
constexpr std::array<Container, 7> kContainers = {{
    {".mp4", "mp4", "libx264", "copy", "mov_text"},
    {".m4v", "mp4", "libx264", "copy", "mov_text"},
    {".mov", "mov", "libx264", "copy", "mov_text"},
    {".mkv", "matroska", "libx264", "copy", "srt"},
    {".webm", "webm", "libvpx-vp9", "libopus", "webvtt"},
    {".avi", "avi", "libx264", "copy", nullptr},
    {".ts", "mpegts", "libx264", "copy", nullptr},
}};

std::string video_ending(const std::filesystem::path& path) {
  std::string ending = path.extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(), [](unsigned char c) { return std::tolower(c); });
  return ending;
}

const Container* known_container(const std::filesystem::path& path) {
  const auto found = std::find_if(kContainers.begin(), kContainers.end(),
                                  [&](const auto& container) { return video_ending(path) == container.ending; });
  return found == kContainers.end() ? nullptr : &*found;
}

const Container& container_of(const std::filesystem::path& path) {
  std::string accepted;
  if (const auto* found = known_container(path)) return *found;
  for (const auto& container : kContainers) {
    accepted += fmt::format("{}{}", accepted.empty() ? "" : ", ", container.ending);
  }
  fail("{}: received a video's name that ends in \"{}\", accepted: {}", path.string(), path.extension().string(),
       accepted);
}

/// ffmpeg would take "-x.mp4" for an option and "a:b" for an address.
std::string file_address(const std::filesystem::path& path) { return "file:" + path.string(); }

/// Of "30000/1001"; 0 where there is none.
double number_of(const std::string& ratio) {
  const auto slash = ratio.find('/');
  const double above = std::strtod(ratio.c_str(), nullptr);
  const double below = slash == std::string::npos ? 1 : std::strtod(ratio.c_str() + slash + 1, nullptr);
  return below > 0 ? above / below : 0;
}

std::string text_in(const json& object, const char* key, const std::string& otherwise) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : otherwise;
}

double seconds_in(const json& object, const char* key) {
  return std::strtod(text_in(object, key, "0").c_str(), nullptr);
}

VideoInfo info_of(const json& pictures, const json& file) {
  constexpr int64_t kLeastBt709Height = 720;
  VideoInfo info;
  const std::string mean = text_in(pictures, "avg_frame_rate", "0/0"), base = text_in(pictures, "r_frame_rate", "0/0");
  info.rate = number_of(mean) > 0 ? mean : base;
  info.uneven = number_of(mean) > 0 && std::abs(number_of(mean) - number_of(base)) > 0.01 * number_of(mean);
  info.pixel_shape = text_in(pictures, "sample_aspect_ratio", "1:1");
  if (info.pixel_shape.starts_with("0:")) info.pixel_shape = "1:1";
  info.start_seconds = std::max(seconds_in(pictures, "start_time") - seconds_in(file, "start_time"), 0.0);
  const std::string matrix = text_in(pictures, "color_space", "unknown");
  info.guesses_bt709 = matrix == "unknown" && pictures.value("height", int64_t{0}) >= kLeastBt709Height;
  info.frames = std::strtoll(text_in(pictures, "nb_frames", "0").c_str(), nullptr, 10);
  if (info.frames <= 0) info.frames = std::llround(seconds_in(file, "duration") * number_of(info.rate));
  return info;
}

/// What ffprobe says of a file with pictures in it.
json probed(const std::filesystem::path& path, const std::string& asked) {
  Process probe(
      {"ffprobe", "-v", "error", "-select_streams", "v:0", "-show_streams", asked, "-of", "json", file_address(path)});
  probe.close_input();
  std::string said;
  std::array<char, 4096> part;
  while (const size_t got = probe.read(part.data(), part.size())) said.append(part.data(), got);
  const bool fine = probe.wait() == 0;
  auto told = json::parse(said, nullptr, /*allow_exceptions=*/false);
  if (!fine || !told.is_object()) fail("{}: cannot be read: {}", path.string(), probe.last_error());
  if (told.value("streams", json::array()).empty()) fail("{}: has no pictures in it", path.string());
  return told;
}

/// How many frames a file holds that may be damaged.
int64_t count_frames(const std::filesystem::path& path) {
  try {
    return std::strtoll(text_in(probed(path, "-count_packets")["streams"][0], "nb_read_packets", "0").c_str(), nullptr,
                        10);
  } catch (const Error&) {
    return 0;
  }
}

/// Up to the next white space.
std::string header_word(Process& process) {
  std::string word;
  char c = 0;
  while (process.read(&c, 1) == 1 && !std::isspace(static_cast<unsigned char>(c)) && word.size() < 16) word += c;
  return word;
}

}  // namespace

void expect_ffmpeg() {
  for (const char* program : {"ffmpeg", "ffprobe"}) {
    if (!has_program(program)) {
      fail("videos need the programs ffmpeg and ffprobe, and {} is not there; install them (Debian: ffmpeg)", program);
    }
  }
}

VideoInfo video_info(const std::filesystem::path& path) {
  const auto told = probed(path, "-show_format");
  const auto info = info_of(told["streams"][0], told.value("format", json::object()));
  if (number_of(info.rate) <= 0) fail("{}: does not say how many frames it has in a second", path.string());
  return info;
}

VideoReader::VideoReader(const std::filesystem::path& path, const VideoInfo& info)
    : path_(path), decoder_([&] {
        Words words = {"ffmpeg", "-v", "error", "-nostdin", "-i", file_address(path), "-map", "0:v:0", "-vsync", "0"};
        if (info.guesses_bt709) words.insert(words.end(), {"-vf", "scale=in_color_matrix=bt709"});
        words.insert(words.end(), {"-f", "image2pipe", "-c:v", "ppm", "-pix_fmt", "rgb24", "-"});
        return words;
      }()) {
  decoder_.close_input();
}

std::optional<Pixels> VideoReader::next() {
  const auto magic = header_word(decoder_);
  if (magic.empty()) {
    if (decoder_.wait() != 0) fail("{}: cannot be read: {}", path_.string(), decoder_.last_error());
    return std::nullopt;
  }
  const int64_t width = std::atoll(header_word(decoder_).c_str()), height = std::atoll(header_word(decoder_).c_str());
  if (magic != "P6" || width < 1 || height < 1 || header_word(decoder_) != "255")
    fail("{}: ffmpeg gives no frames", path_.string());
  Pixels frame(height, width, 3);
  if (decoder_.read(frame.values.data(), frame.values.size()) < frame.values.size()) {
    fail("{}: ends within a frame", path_.string());
  }
  return frame;
}

VideoWriter::VideoWriter(const std::filesystem::path& path, const std::filesystem::path& original,
                         const VideoInfo& info, int64_t height, int64_t width)
    : path_(path), whole_(path) {
  const auto& container = container_of(path);
  const auto* before = known_container(original);
  const bool is_alike = before && std::string(before->format) == container.format;
  const auto size = fmt::format("{}x{}", width, height);
  Words words = {"ffmpeg", "-v", "error", "-xerror", "-y"};
  words.insert(words.end(), {"-f", "rawvideo", "-pix_fmt", "rgb24", "-s", size, "-r", info.rate});
  if (info.start_seconds > 0) words.insert(words.end(), {"-itsoffset", fmt::format("{:.6f}", info.start_seconds)});
  words.insert(words.end(), {"-i", "-", "-i", file_address(original), "-map", "0:v:0", "-map", "1:a?"});
  if (container.subtitles) words.insert(words.end(), {"-map", "1:s?"});
  words.insert(words.end(), {"-map_metadata", "1", "-c:v", container.pictures});
  const std::string codec = container.pictures;
  if (codec == "libx264") words.insert(words.end(), {"-crf", "16", "-preset", "medium"});
  if (codec == "libvpx-vp9") words.insert(words.end(), {"-crf", "22", "-b:v", "0", "-row-mt", "1"});
  words.insert(words.end(), {"-vf", "scale=out_color_matrix=bt709:out_range=tv,setsar=" + info.pixel_shape, "-pix_fmt",
                             "yuv420p", "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709",
                             "-color_range", "tv", "-c:a", is_alike ? "copy" : container.sound});
  if (container.subtitles) words.insert(words.end(), {"-c:s", is_alike ? "copy" : container.subtitles});
  words.insert(words.end(), {"-f", container.format, file_address(whole_.temporary())});
  encoder_ = std::make_unique<Process>(words);
}

void VideoWriter::write(const Pixels& frame) {
  const bool fine = encoder_->write({reinterpret_cast<const char*>(frame.values.data()), frame.values.size()});
  if (!fine) give_up();
  ++frames_;
}

void VideoWriter::finish() {
  encoder_->close_input();
  // On a full disk, ffmpeg may end as if all were well.
  if (encoder_->wait() != 0 || count_frames(whole_.temporary()) != frames_) give_up();
  whole_.commit();
}

void VideoWriter::give_up() {
  encoder_->close_input();
  encoder_->wait();
  const auto reason = encoder_->last_error();
  fail("cannot write {}: ffmpeg: {}", path_.string(), reason.empty() ? "frames are missing in it" : reason);
}

}  // namespace forger
