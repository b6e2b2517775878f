#include "core/files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include "core/fail.h"

namespace forger {
namespace {

/// Writes everything or throws, naming the path and the reason ("No space left on device").
void write_all(int file, std::string_view content, const std::filesystem::path& path) {
  while (!content.empty()) {
    const ssize_t written = ::write(file, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail("cannot write {}: {}", path.string(), std::strerror(errno));
    content.remove_prefix(static_cast<size_t>(written));
  }
}

void flush_folder(const std::filesystem::path& folder) {
  const int file = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0) return;  // some file systems have no such thing; the rename itself is still atomic
  ::fsync(file);
  ::close(file);
}

}  // namespace

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file || std::filesystem::is_directory(path)) fail("cannot read {}: {}", path.string(),
      std::filesystem::is_directory(path) ? "is a folder" : std::strerror(errno));
  std::ostringstream content;
  content << file.rdbuf();
  return std::move(content).str();
}

std::filesystem::path temporary_name(const std::filesystem::path& path) {
  return path.parent_path() / fmt::format(".{}.{}.tmp", path.filename().string(), ::getpid());
}

void commit_file(const std::filesystem::path& temporary, const std::filesystem::path& path) {
  const int file = ::open(temporary.c_str(), O_RDONLY | O_CLOEXEC);
  const bool flushed = file >= 0 && ::fsync(file) == 0;
  int reason = errno;
  if (file >= 0) ::close(file);
  if (flushed && ::rename(temporary.c_str(), path.c_str()) == 0) {
    flush_folder(path.parent_path());
    return;
  }
  if (flushed) reason = errno;
  ::unlink(temporary.c_str());
  fail("cannot write {}: {}", path.string(), std::strerror(reason));
}

void write_file_atomically(const std::filesystem::path& path, std::string_view content) {
  write_atomically(path, [&](const std::filesystem::path& temporary) {
    const int file = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (file < 0) fail("cannot write {}: {}", path.string(), std::strerror(errno));
    try {
      write_all(file, content, path);
    } catch (...) {
      ::close(file);
      throw;
    }
    ::close(file);
  });
}

void make_folder(const std::filesystem::path& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) fail("cannot make the folder {}: {}", path.string(), error.message());
}

AppendFile::AppendFile(const std::filesystem::path& path)
    : path_(path), file_(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644)) {
  if (file_ < 0) fail("cannot write {}: {}", path.string(), std::strerror(errno));
}

AppendFile::~AppendFile() { ::close(file_); }

void AppendFile::append(std::string_view content) { write_all(file_, content, path_); }

void AppendFile::flush_to_disk() { ::fsync(file_); }

FolderLock::FolderLock(const std::filesystem::path& lock_file)
    : file_(::open(lock_file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644)) {
  if (file_ < 0) fail("cannot write {}: {}", lock_file.string(), std::strerror(errno));
  held_ = ::flock(file_, LOCK_EX | LOCK_NB) == 0;
}

FolderLock::~FolderLock() { ::close(file_); }

}  // namespace forger
