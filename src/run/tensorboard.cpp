#include "run/tensorboard.h"

#include <unistd.h>

#include <array>
#include <atomic>
#include <bit>
#include <chrono>
#include <cstring>

#include "core/crc32c.h"
#include "core/fail.h"
#include "core/files.h"

namespace forger {
namespace {

static_assert(std::endian::native == std::endian::little, "numbers are written as they lie in memory");

/// The part of the protocol buffers' encoding that events need. Field numbers:
/// tensorflow/core/util/event.proto and tensorflow/core/framework/summary.proto.
class Message {
 public:
  void varint(uint32_t field, uint64_t value) {
    tag(field, 0);
    number(value);
  }
  void fixed64(uint32_t field, double value) {
    tag(field, 1);
    raw(value);
  }
  void fixed32(uint32_t field, float value) {
    tag(field, 5);
    raw(value);
  }
  void bytes(uint32_t field, std::string_view value) {
    tag(field, 2);
    number(value.size());
    text_ += value;
  }
  const std::string& text() const { return text_; }

 private:
  void tag(uint32_t field, uint32_t wire_type) { number(field << 3 | wire_type); }

  void number(uint64_t value) {
    for (; value >= 0x80; value >>= 7) text_ += static_cast<char>(value | 0x80);
    text_ += static_cast<char>(value);
  }

  template <class Number>
  void raw(Number value) {
    std::array<char, sizeof(Number)> memory;
    std::memcpy(memory.data(), &value, sizeof(Number));
    text_.append(memory.data(), memory.size());
  }

  std::string text_;
};

template <class Number>
std::string little_endian(Number value) {
  std::string text(sizeof(Number), '\0');
  std::memcpy(text.data(), &value, sizeof(Number));
  return text;
}

/// TFRecord hides a checksum that may itself be part of checksummed data (tensorflow/core/lib/hash/crc32c.h).
std::string masked_crc(std::string_view bytes) {
  const uint32_t crc = crc32c(bytes);
  return little_endian<uint32_t>((crc >> 15 | crc << 17) + 0xa282ead8u);
}

std::string record(std::string_view event) {
  const std::string length = little_endian<uint64_t>(event.size());
  std::string framed = length + masked_crc(length);
  framed += event;
  return framed + masked_crc(event);
}

double seconds_since_epoch() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

/// Event: 1 wall_time, 2 step, 3 file_version, 5 summary, 7 session_log.
Message event_at(int64_t step) {
  Message event;
  event.fixed64(1, seconds_since_epoch());
  event.varint(2, static_cast<uint64_t>(step));
  return event;
}

/// TensorBoard takes every file with "tfevents" in its name; time, host and process keep names of one run
/// apart and in the order in which they were begun.
std::string event_file_name() {
  static std::atomic<int> files{0};
  std::array<char, 256> host{};
  if (::gethostname(host.data(), host.size() - 1) != 0 || host[0] == '\0') std::strcpy(host.data(), "localhost");
  return fmt::format("events.out.tfevents.{:010}.{}.{}.{}", static_cast<int64_t>(seconds_since_epoch()), host.data(),
                     ::getpid(), files++);
}

std::filesystem::path made(const std::filesystem::path& folder) {
  make_folder(folder);
  return folder / event_file_name();
}

}  // namespace

class TensorBoardWriter::Implementation {
 public:
  explicit Implementation(const std::filesystem::path& folder) : file_(made(folder)) {}

  /// Hands each event to the operating system at once: a killed process loses none.
  void write(const Message& event) { file_.append(record(event.text())); }

  void close() { file_.close(); }

  /// Summary.Value: 1 tag, 2 simple_value, 4 image.
  void write_summary(const Message& value, int64_t step) {
    Message summary;
    summary.bytes(1, value.text());
    Message event = event_at(step);
    event.bytes(5, summary.text());
    write(event);
  }

 private:
  AppendFile file_;
};

TensorBoardWriter::TensorBoardWriter(const std::filesystem::path& folder, int64_t first_step)
    : implementation_(std::make_unique<Implementation>(folder)) {
  Message version;
  version.fixed64(1, seconds_since_epoch());
  version.bytes(3, "brain.Event:2");
  implementation_->write(version);
  Message start;
  start.varint(1, 1);  // SessionLog: 1 status, of which 1 is START
  // Readers drop what earlier files hold from the step of this event on.
  Message event = event_at(first_step + 1);
  event.bytes(7, start.text());
  implementation_->write(event);
}

TensorBoardWriter::~TensorBoardWriter() = default;

void TensorBoardWriter::close() { implementation_->close(); }

void TensorBoardWriter::scalar(std::string_view tag, double value, int64_t step) {
  Message scalar;
  scalar.bytes(1, tag);
  scalar.fixed32(2, static_cast<float>(value));
  implementation_->write_summary(scalar, step);
}

void TensorBoardWriter::image(std::string_view tag, std::string_view png, int64_t height_px, int64_t width_px,
                              int64_t channels, int64_t step) {
  Message image;  // Summary.Image: 1 height, 2 width, 3 colorspace (number of channels), 4 encoded_image_string
  image.varint(1, static_cast<uint64_t>(height_px));
  image.varint(2, static_cast<uint64_t>(width_px));
  image.varint(3, static_cast<uint64_t>(channels));
  image.bytes(4, png);
  Message value;
  value.bytes(1, tag);
  value.bytes(4, image.text());
  implementation_->write_summary(value, step);
}

}  // namespace forger
