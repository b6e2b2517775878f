#include "data/idx.h"

#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <utility>

#include "core/crc32c.h"
#include "core/fail.h"
#include "core/files.h"
#include "core/text.h"

namespace forger {
namespace {

namespace fs = std::filesystem;

bool is_gzip(std::string_view bytes) { return bytes.substr(0, 2) == "\x1F\x8B"; }

/// Unpacks gzip bytes piece by piece, so that memory is taken only for what the header announces.
class Gunzip {
 public:
  explicit Gunzip(std::string_view bytes) {
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream_.avail_in = static_cast<uInt>(bytes.size());
    if (bytes.size() > UINT32_MAX || inflateInit2(&stream_, 16 + MAX_WBITS) != Z_OK) fail("cannot unpack gzip data");
  }
  ~Gunzip() { inflateEnd(&stream_); }
  Gunzip(const Gunzip&) = delete;
  Gunzip& operator=(const Gunzip&) = delete;

  /// Up to `length` bytes; fewer when the data ends.
  std::string read(int64_t length) {
    std::string output(static_cast<size_t>(length), '\0');
    size_t done = 0;
    while (done < output.size() && !ended_) {
      const size_t part = std::min<size_t>(output.size() - done, size_t{1} << 30);
      stream_.next_out = reinterpret_cast<Bytef*>(output.data() + done);
      stream_.avail_out = static_cast<uInt>(part);
      const int code = inflate(&stream_, Z_NO_FLUSH);
      done += part - stream_.avail_out;
      if (code == Z_STREAM_END) end_member();
      if (code == Z_BUF_ERROR || (code == Z_OK && stream_.avail_in == 0 && stream_.avail_out > 0)) break;
      if (code != Z_OK && code != Z_STREAM_END) fail_damaged("damaged gzip data (or its checksum does not fit)");
    }
    output.resize(done);
    return output;
  }

  /// After the last byte: throws unless the checksum and length that end gzip data were there, and nothing else.
  void check_end() const {
    if (!ended_) fail_damaged("cut short: the checksum that ends gzip data is missing");
    const auto* rest = reinterpret_cast<const char*>(stream_.next_in);
    if (std::any_of(rest, rest + stream_.avail_in, [](char c) { return c != '\0'; })) {
      fail_damaged("{} bytes follow the end of the gzip data", stream_.avail_in);
    }
  }

 private:
  /// Files of gzip data that were joined are one: the next part may begin here.
  void end_member() {
    const auto* rest = reinterpret_cast<const char*>(stream_.next_in);
    ended_ = !is_gzip(std::string_view(rest, std::min<size_t>(stream_.avail_in, 2)));
    if (!ended_) inflateReset(&stream_);
  }

  z_stream stream_{};
  bool ended_ = false;
};

/// Checks the header's first four bytes and returns the number of dimensions.
int64_t dimensions_of(std::string_view magic) {
  constexpr char kUnsignedByte = 8;
  if (magic.size() < 4 || magic[0] != 0 || magic[1] != 0 || magic[3] < 1 || magic[3] > 4) fail("not an IDX file");
  if (magic[2] != kUnsignedByte) {
    fail("IDX element type: received 0x{:02x}, accepted: 0x08 (unsigned byte)", static_cast<unsigned char>(magic[2]));
  }
  return magic[3];
}

/// Reads the sizes and returns how many values follow; `most` bounds them.
int64_t parse_sizes(std::string_view header, std::vector<int64_t>& sizes, int64_t most) {
  int64_t total = 1;
  for (; header.size() >= 4; header.remove_prefix(4)) {
    int64_t size = 0;
    for (size_t i = 0; i < 4; ++i) size = size << 8 | static_cast<uint8_t>(header[i]);
    sizes.push_back(size);
    if (size > 0 && total > most / size)
      fail_damaged("cut short: the header announces more values than the file can hold");
    total *= size;
  }
  return total;
}

class IdxSource : public Source {
 public:
  IdxSource(std::string name, IdxArray images, IdxArray labels)
      : name_(std::move(name)), images_(std::move(images)), labels_(std::move(labels)) {
    for (const char label : labels_.values) classes_ = std::max<int64_t>(classes_, static_cast<uint8_t>(label) + 1);
  }

  std::string kind() const override { return "IDX"; }
  int64_t size() const override { return images_.sizes[0]; }
  std::string name(int64_t index) const override { return fmt::format("{}#{}", name_, index); }
  int64_t label(int64_t index) const override {
    return classes_ == 0 ? -1 : static_cast<uint8_t>(labels_.values[static_cast<size_t>(index)]);
  }
  std::vector<std::string> class_names() const override {
    std::vector<std::string> names;
    for (int64_t i = 0; i < classes_; ++i) names.push_back(std::to_string(i));
    return names;
  }

  int64_t stored_bytes(int64_t) const override { return static_cast<int64_t>(images_.values.size()) / size(); }
  uint32_t mark(int64_t index) const override {
    const auto length = static_cast<size_t>(stored_bytes(index));
    return crc32c(std::string_view(images_.values).substr(static_cast<size_t>(index) * length, length));
  }

  ImageInfo info(int64_t) const override {
    ImageInfo info;
    info.height = images_.sizes[1];
    info.width = images_.sizes[2];
    info.channels = images_.sizes.size() == 4 ? images_.sizes[3] : 1;
    info.mode = info.channels == 1 ? "grey" : info.channels == 3 ? "RGB" : "RGBA";
    info.alpha = info.channels == 4;
    return info;
  }

  Pixels decode(int64_t index, const DecodeGoal&) const override {
    const ImageInfo shape = info(index);
    Pixels image(shape.height, shape.width, shape.channels);
    const size_t length = image.values.size();
    std::memcpy(image.values.data(), images_.values.data() + static_cast<size_t>(index) * length, length);
    return image;
  }

 private:
  std::string name_;
  IdxArray images_;
  IdxArray labels_;
  int64_t classes_ = 0;
};

IdxArray read_idx(const fs::path& path) {
  try {
    return parse_idx(read_file(path));
  } catch (const DamagedData& error) {
    fail_damaged("{}: {}", path.string(), error.what());
  } catch (const Error& error) {
    fail("{}: {}", path.string(), error.what());
  }
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const size_t place = text.rfind(from);
  return place == std::string::npos ? text : text.replace(place, from.size(), to);
}

std::string without_gz(const std::string& name) {
  return name.ends_with(".gz") ? name.substr(0, name.size() - 3) : name;
}

/// The label file beside an image file, packed or not; empty when there is none.
fs::path labels_beside(const fs::path& images) {
  const std::string name = without_gz(images.filename().string());
  const std::string labels = replaced(replaced(replaced(name, "images", "labels"), "idx3", "idx1"), "idx4", "idx1");
  if (labels == name) return {};
  for (const std::string& candidate : {labels, labels + ".gz"}) {
    if (fs::is_regular_file(images.parent_path() / candidate)) return images.parent_path() / candidate;
  }
  return {};
}

bool has_image_name(const std::string& name) {
  return name.find("images") != std::string::npos &&
         (name.find("idx3") != std::string::npos || name.find("idx4") != std::string::npos);
}

/// The image files of a folder by name without ".gz"; the unpacked one of two twins.
std::map<std::string, fs::path> image_files(const fs::path& folder) {
  std::map<std::string, fs::path> files;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    if (!has_image_name(name) || !no_data_by_name(name).empty() || !entry.is_regular_file(error)) continue;
    auto& file = files[without_gz(name)];
    if (file.empty() || !name.ends_with(".gz")) file = entry.path();
  }
  return files;
}

fs::path choose_images(const fs::path& folder) {
  const auto files = image_files(folder);
  if (files.size() == 1) return files.begin()->second;
  std::vector<std::string> names;
  for (const auto& [name, file] : files) {
    if (name.starts_with("train")) return file;
    names.push_back(name);
  }
  fail("the folder {} holds several IDX files and none named train-images…, accepted: one of {}", folder.string(),
       join(names));
}

}  // namespace

IdxArray parse_idx(std::string bytes) {
  constexpr int64_t kMagicBytes = 4;
  IdxArray array;
  if (!is_gzip(bytes)) {
    const int64_t header = kMagicBytes + 4 * dimensions_of(bytes);
    const auto size = static_cast<int64_t>(bytes.size());
    if (size < header) fail_damaged("cut short: the header ends early");
    const auto sizes = std::string_view(bytes).substr(kMagicBytes, static_cast<size_t>(header - kMagicBytes));
    const int64_t total = parse_sizes(sizes, array.sizes, size);
    if (total != size - header) {
      fail_damaged("{}: the header announces {} values, the file holds {}",
                   total > size - header ? "cut short" : "too long", total, size - header);
    }
    array.values = std::move(bytes);
    array.values.erase(0, static_cast<size_t>(header));
    return array;
  }
  constexpr int64_t kMostDeflateRatio = 1032;
  Gunzip unpacked(bytes);
  const int64_t header = 4 * dimensions_of(unpacked.read(kMagicBytes));
  const std::string sizes = unpacked.read(header);
  if (static_cast<int64_t>(sizes.size()) < header) fail_damaged("cut short: the header ends early");
  const int64_t total = parse_sizes(sizes, array.sizes, static_cast<int64_t>(bytes.size()) * kMostDeflateRatio);
  array.values = unpacked.read(total);
  const auto held = static_cast<int64_t>(array.values.size());
  if (held < total) fail_damaged("cut short: the header announces {} values, the file holds {}", total, held);
  if (!unpacked.read(1).empty()) fail_damaged("too long: the header announces {} values, the file holds more", total);
  unpacked.check_end();
  return array;
}

bool holds_idx(const fs::path& folder) { return !image_files(folder).empty(); }

std::shared_ptr<const Source> open_idx(const fs::path& path) {
  const fs::path file = fs::is_directory(path) ? choose_images(path) : path;
  IdxArray images = read_idx(file);
  const auto& sizes = images.sizes;
  const bool channels_fit =
      sizes.size() == 3 || (sizes.size() == 4 && (sizes[3] == 1 || sizes[3] == 3 || sizes[3] == 4));
  if (!channels_fit) {
    std::vector<std::string> words;
    for (const int64_t size : sizes) words.push_back(std::to_string(size));
    fail(
        "{}: received an array of {}, accepted: images [count, height, width] or [count, height, width, 1, 3 "
        "or 4]",
        file.string(), join(words, " x "));
  }
  if (images.values.empty()) fail("{}: it holds no images", file.string());
  if (sizes[1] > kMaxImagePixels / sizes[2]) {
    fail("{}: images of {} x {} pixels, accepted: at most {} pixels", file.string(), sizes[2], sizes[1],
         kMaxImagePixels);
  }
  IdxArray labels;
  if (const fs::path beside = labels_beside(file); !beside.empty()) {
    labels = read_idx(beside);
    if (labels.sizes.size() != 1 || labels.sizes[0] != sizes[0]) {
      fail("{}: received {} labels in {} dimensions, accepted: {} in one, as {} has images", beside.string(),
           labels.sizes[0], labels.sizes.size(), sizes[0], file.filename().string());
    }
  }
  return std::make_shared<IdxSource>(file.filename().string(), std::move(images), std::move(labels));
}

}  // namespace forger
