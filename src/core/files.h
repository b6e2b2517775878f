#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace forger {

/// The whole content of a file. Throws Error naming the path.
std::string read_file(const std::filesystem::path& path);

/// Writes a file so that a crash at any moment leaves either the old file or the new one, whole: temporary name, flush
/// to disk, rename. Throws Error (disk full, no permission) and leaves nothing behind.
void write_file_atomically(const std::filesystem::path& path, std::string_view content);

/// The same for a writer that streams: `write(temporary_path)` makes the file, which is then flushed and renamed.
template <class Write>
void write_atomically(const std::filesystem::path& path, Write&& write);

/// Appends to a file and hands it to the operating system at once; one line is written by one call.
class AppendFile {
 public:
  explicit AppendFile(const std::filesystem::path& path);
  ~AppendFile();
  AppendFile(const AppendFile&) = delete;
  AppendFile& operator=(const AppendFile&) = delete;

  /// Throws Error when the disk is full.
  void append(std::string_view content);
  /// Waits until what was appended is on the disk.
  void flush_to_disk();

 private:
  std::filesystem::path path_;
  int file_ = -1;
};

/// Holds a folder for one process: a second holder gets `false` from `held()`. Freed when the process ends, however.
class FolderLock {
 public:
  explicit FolderLock(const std::filesystem::path& lock_file);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;
  bool held() const { return held_; }

 private:
  int file_ = -1;
  bool held_ = false;
};

/// The name under which `path` is written before it is renamed.
std::filesystem::path temporary_name(const std::filesystem::path& path);

/// Flushes `temporary` to disk and gives it the name `path`. Throws Error and removes `temporary` on failure.
void commit_file(const std::filesystem::path& temporary, const std::filesystem::path& path);

/// Makes a folder and its parents. Throws Error naming the folder and the reason.
void make_folder(const std::filesystem::path& path);

template <class Write>
void write_atomically(const std::filesystem::path& path, Write&& write) {
  const auto temporary = temporary_name(path);
  try {
    write(temporary);
  } catch (...) {
    std::error_code ignored;
    std::filesystem::remove(temporary, ignored);
    throw;
  }
  commit_file(temporary, path);
}

}  // namespace forger
