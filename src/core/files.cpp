#include "core/files.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <sstream>
#include <thread>
#include <utility>

#include "core/crc32c.h"
#include "core/fail.h"

namespace forger {
namespace {

void flush_folder(const std::filesystem::path& folder) {
  const int file = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0) return;  // some file systems have no such thing; the rename itself is still atomic
  ::fsync(file);
  ::close(file);
}

void close_checked(int& file, const std::filesystem::path& shown) {
  // Interrupted, the file is closed all the same.
  if (::close(std::exchange(file, -1)) != 0 && errno != EINTR) throw WriteError(shown, errno);
}

}  // namespace

WriteError::WriteError(const std::filesystem::path& path, int reason)
    : Error(fmt::format("cannot write {}: {}", path.string(), std::strerror(reason))), reason_(reason) {}

bool WriteError::ends_all() const {
  constexpr std::array kReasons = {ENOSPC, EDQUOT, EFBIG, EROFS, EIO};
  return std::find(kReasons.begin(), kReasons.end(), reason_) != kReasons.end();
}

int write_all(int file, std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = ::write(file, content.data(), content.size());
    if (written >= 0) {
      content.remove_prefix(static_cast<size_t>(written));
    } else if (errno == EAGAIN) {
      pollfd waited{file, POLLOUT, 0};
      ::poll(&waited, 1, -1);
    } else if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file || std::filesystem::is_directory(path))
    fail("cannot read {}: {}", path.string(),
         std::filesystem::is_directory(path) ? "is a folder" : std::strerror(errno));
  std::ostringstream content;
  content << file.rdbuf();
  return std::move(content).str();
}

std::string shortened_name(const std::string& name, size_t most) {
  if (name.size() <= most) return name;
  const std::string hash = fmt::format("-{:08x}", crc32c(name));
  size_t end = most - hash.size();
  const auto is_within_character = [&] { return (static_cast<unsigned char>(name[end]) & 0xC0) == 0x80; };
  for (int bytes = 0; bytes < 3 && is_within_character(); ++bytes) --end;
  return name.substr(0, end) + hash;
}

std::filesystem::path temporary_name(const std::filesystem::path& path) {
  const std::string ending = fmt::format(".{}.tmp", ::getpid());
  return path.parent_path() /
         ("." + shortened_name(path.filename().string(), kLongestName - 1 - ending.size()) + ending);
}

NewFile::NewFile(const std::filesystem::path& path) : shown_(path), path_(path) {
  std::error_code error;
  const auto behind_links = std::filesystem::canonical(path, error);
  if (!error && std::filesystem::is_symlink(path, error)) path_ = behind_links;
  const bool is_special = std::filesystem::is_other(path_, error);
  temporary_ = is_special ? path_ : temporary_name(path_);
}

NewFile::~NewFile() {
  if (temporary_ != path_) ::unlink(temporary_.c_str());
}

void NewFile::commit() {
  if (temporary_ == path_) return;
  const int file = ::open(temporary_.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) throw WriteError(shown_, errno);
  const int reason = ::fsync(file) == 0 ? 0 : errno;
  ::close(file);
  if (reason != 0) throw WriteError(shown_, reason);
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) throw WriteError(shown_, errno);
  flush_folder(path_.parent_path());
  temporary_ = path_;
}

void write_file_atomically(const std::filesystem::path& path, std::string_view content) {
  write_atomically(path, [&](const std::filesystem::path& temporary) {
    FileWriter file(temporary, path);
    file.write(content);
    file.close();
  });
}

void make_folder(const std::filesystem::path& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) fail("cannot make the folder {}: {}", path.string(), error.message());
}

FileWriter::FileWriter(const std::filesystem::path& path, const std::filesystem::path& shown)
    : shown_(shown), file_(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)) {
  if (file_ < 0) throw WriteError(shown_, errno);
}

FileWriter::~FileWriter() {
  if (file_ >= 0) ::close(file_);
}

void FileWriter::write(std::string_view content) {
  if (const int reason = write_all(file_, content); reason != 0) throw WriteError(shown_, reason);
}

void FileWriter::close() { close_checked(file_, shown_); }

AppendFile::AppendFile(const std::filesystem::path& path, int flags)
    : path_(path), file_(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | flags, 0644)) {
  if (file_ < 0) throw WriteError(path, errno);
}

AppendFile::AppendFile(const std::filesystem::path& path) : AppendFile(path, 0) {}

AppendFile AppendFile::fresh(const std::filesystem::path& path) { return AppendFile(path, O_TRUNC); }

AppendFile::~AppendFile() {
  if (file_ >= 0) ::close(file_);
}

void AppendFile::append(std::string_view content) {
  const off_t end = ::lseek(file_, 0, SEEK_END);
  const int reason = write_all(file_, content);
  if (reason == 0) return;
  // What found room would be a torn line.
  [[maybe_unused]] const bool is_as_before = end >= 0 && ::ftruncate(file_, end) == 0;
  throw WriteError(path_, reason);
}

void AppendFile::close() { close_checked(file_, path_); }

FolderLock::FolderLock(const std::filesystem::path& lock_file)
    : file_(::open(lock_file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644)) {
  if (file_ < 0) fail("cannot write {}: {}", lock_file.string(), std::strerror(errno));
  held_ = ::flock(file_, LOCK_EX | LOCK_NB) == 0;
  // Whoever only asks `is_held` is gone in a moment.
  for (int tries = 0; !held_ && tries < 10; ++tries) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    held_ = ::flock(file_, LOCK_EX | LOCK_NB) == 0;
  }
}

bool FolderLock::is_held(const std::filesystem::path& lock_file) {
  const int file = ::open(lock_file.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return false;
  const bool held = ::flock(file, LOCK_SH | LOCK_NB) != 0;
  ::close(file);
  return held;
}

FolderLock::~FolderLock() { ::close(file_); }

}  // namespace forger
