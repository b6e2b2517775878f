#include "data/random_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/fail.h"

namespace forger {

RandomFile::RandomFile(const std::filesystem::path& path)
    : path_(path.string()), file_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
  struct stat status{};
  if (file_ < 0 || ::fstat(file_, &status) != 0) {
    const int reason = errno;
    if (file_ >= 0) ::close(file_);
    fail("cannot read {}: {}", path_, std::strerror(reason));
  }
  size_ = status.st_size;
}

RandomFile::~RandomFile() { ::close(file_); }

std::string RandomFile::read(int64_t offset, int64_t length) const {
  // Checked first, so that a length made up by a damaged archive takes no memory.
  if (offset < 0 || length < 0 || offset > size_ || length > size_ - offset) {
    fail("{}: cut short: {} bytes wanted at {}, the file has {}", path_, length, offset, size_);
  }
  std::string bytes(static_cast<size_t>(length), '\0');
  size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t count = ::pread(file_, bytes.data() + done, bytes.size() - done, offset + static_cast<int64_t>(done));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail("cannot read {}: {}", path_, std::strerror(errno));
    if (count == 0) fail("{}: cut short while it was read", path_);
    done += static_cast<size_t>(count);
  }
  return bytes;
}

}  // namespace forger
