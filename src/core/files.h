#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "forger/error.h"

namespace forger {

/// That a file could not be written: "cannot write PATH: REASON".
class WriteError : public Error {
 public:
  /// `reason`: an errno.
  WriteError(const std::filesystem::path& path, int reason);
  /// Whether no other file can be written either: the disk is full or fails, a quota or a limit is used up.
  bool ends_all() const;

 private:
  int reason_;
};

/// Writes everything to an open file, also to one that has to be waited for. Returns 0, or the errno of what went
/// wrong.
int write_all(int file, std::string_view content);

/// The whole content of a file. Throws Error naming the path.
std::string read_file(const std::filesystem::path& path);

/// Writes a file so that a crash at any moment leaves either the old file or the new one, whole: temporary name, flush
/// to disk, rename. Throws WriteError (disk full, no permission) and leaves nothing behind.
void write_file_atomically(const std::filesystem::path& path, std::string_view content);

/// The same for a writer that streams: `write(temporary_path)` makes the file, which is then flushed and renamed.
template <class Write>
void write_atomically(const std::filesystem::path& path, Write&& write);

/// Writes a file from its beginning on. Every write is checked, and the closing: some disks tell only then.
class FileWriter {
 public:
  /// `shown`: the path that messages name. Throws WriteError, as the others do.
  FileWriter(const std::filesystem::path& path, const std::filesystem::path& shown);
  ~FileWriter();
  FileWriter(const FileWriter&) = delete;
  FileWriter& operator=(const FileWriter&) = delete;

  void write(std::string_view content);
  /// After the last write.
  void close();

 private:
  std::filesystem::path shown_;
  int file_ = -1;
};

/// Appends to a file and hands it to the operating system at once; one line is written by one call.
class AppendFile {
 public:
  explicit AppendFile(const std::filesystem::path& path);
  /// A file that is empty at first, whatever it held before.
  static AppendFile fresh(const std::filesystem::path& path);
  ~AppendFile();
  AppendFile(const AppendFile&) = delete;
  AppendFile& operator=(const AppendFile&) = delete;

  /// Throws WriteError when the disk is full; the file then ends where it ended before.
  void append(std::string_view content);
  /// After the last line. Throws WriteError where a disk tells only then that it is full.
  void close();

 private:
  AppendFile(const std::filesystem::path& path, int flags);

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

  /// Whether a process on this machine holds a folder by this file, which may be missing. Writes nothing, and does not
  /// keep anyone from holding it.
  static bool is_held(const std::filesystem::path& lock_file);

 private:
  int file_ = -1;
  bool held_ = false;
};

/// Bytes of the longest name that file systems take.
constexpr size_t kLongestName = 255;

/// The name where it has at most `most` bytes (at least 16), else its beginning, up to the end of a character, and a
/// hash of the whole: "beginning-0a1b2c3d".
std::string shortened_name(const std::string& name, size_t most = kLongestName);

/// The name under which `path` is written before it is renamed.
std::filesystem::path temporary_name(const std::filesystem::path& path);

/// A file in the making: it has its name once it is whole, and goes away if that does not come to pass. Behind a link
/// the file that it leads to is replaced; what is no file on a disk (a pipe, /dev/full) is written as it is.
class NewFile {
 public:
  explicit NewFile(const std::filesystem::path& path);
  ~NewFile();
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;

  /// Where to write it.
  const std::filesystem::path& temporary() const { return temporary_; }
  /// Flushes it to disk and gives it its name. Throws WriteError.
  void commit();

 private:
  std::filesystem::path shown_, path_, temporary_;
};

/// Makes a folder and its parents. Throws Error naming the folder and the reason.
void make_folder(const std::filesystem::path& path);

template <class Write>
void write_atomically(const std::filesystem::path& path, Write&& write) {
  NewFile file(path);
  write(file.temporary());
  file.commit();
}

}  // namespace forger
