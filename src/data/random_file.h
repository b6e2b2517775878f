#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace forger {

/// A file that is read at any place, by any thread.
class RandomFile {
 public:
  /// Throws Error naming the path and the reason.
  explicit RandomFile(const std::filesystem::path& path);
  ~RandomFile();
  RandomFile(const RandomFile&) = delete;
  RandomFile& operator=(const RandomFile&) = delete;

  int64_t size() const { return size_; }
  /// Exactly `length` bytes from `offset` on. Throws Error when the file ends before.
  std::string read(int64_t offset, int64_t length) const;

 private:
  std::string path_;
  int file_ = -1;
  int64_t size_ = 0;
};

}  // namespace forger
