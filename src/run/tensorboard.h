#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace forger {

/// Writes a TensorBoard event file (TFRecord framing with masked CRC-32C, hand-encoded protocol buffers) into a folder;
/// each object makes a file of its own, so a resumed run adds one. Events of steps above `first_step` that an earlier,
/// killed process wrote are marked as superseded (SessionLog START).
class TensorBoardWriter {
 public:
  TensorBoardWriter(const std::filesystem::path& folder, int64_t first_step);
  ~TensorBoardWriter();

  void scalar(std::string_view tag, double value, int64_t step);
  /// `png`: the bytes of a PNG file of the given size.
  void image(std::string_view tag, std::string_view png, int64_t height_px, int64_t width_px, int64_t channels,
             int64_t step);
  /// After the last event. Throws Error where a disk tells only then that it is full.
  void close();

 private:
  class Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace forger
