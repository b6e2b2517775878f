#include "model/safetensors.h"

#include <ATen/ATen.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <functional>
#include <new>

#include "core/fail.h"
#include "core/files.h"
#include "core/utf8.h"
#include "model/safetensors_header.h"

namespace forger {
namespace {

static_assert(std::endian::native == std::endian::little, "tensors are written as they lie in memory");

/// Copies bytes [offset, offset + size) of the file into `to`.
using ReadAt = std::function<void(uint64_t offset, void* to, size_t size)>;

/// A file open to be read, that closes itself.
class Descriptor {
 public:
  explicit Descriptor(const std::filesystem::path& path) : file_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  ~Descriptor() {
    if (file_ >= 0) ::close(file_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return file_; }

 private:
  int file_;
};

/// A bool of another value than 0 and 1 is undefined behaviour as soon as a kernel looks at it.
void check_bools(const at::Tensor& tensor, const TensorEntry& entry, const std::string& name) {
  const auto* bytes = static_cast<const unsigned char*>(tensor.const_data_ptr());
  const auto* end = bytes + tensor.nbytes();
  const auto* bad = std::find_if(bytes, end, [](unsigned char byte) { return byte > 1; });
  if (bad == end) return;
  fail("{}: tensor \"{}\": received {} as a truth value, accepted: 0, 1", name, for_message(entry.name), *bad);
}

TensorFile read_tensors(uint64_t file_bytes, const std::string& name, const ReadAt& read_at) {
  if (file_bytes < kLengthBytes) {
    fail("{}: received {} bytes, accepted: a .safetensors file, which begins with 8 bytes of header length", name,
         file_bytes);
  }
  uint64_t header_bytes = 0;
  read_at(0, &header_bytes, kLengthBytes);
  if (header_bytes > std::min(file_bytes - kLengthBytes, kMostHeaderBytes)) {
    fail("{}: received a header length of {}, accepted: at most {}; is it a whole .safetensors file?", name,
         header_bytes, std::min(file_bytes - kLengthBytes, kMostHeaderBytes));
  }
  std::string json(header_bytes, '\0');
  read_at(kLengthBytes, json.data(), json.size());
  const uint64_t data_begin = kLengthBytes + header_bytes;
  TensorHeader header = parse_tensor_header(json, file_bytes - data_begin, name);
  TensorFile file;
  file.metadata = std::move(header.metadata);
  for (const auto& entry : header.entries) {
    at::Tensor tensor = at::empty(entry.shape, entry.dtype);
    if (tensor.nbytes() > 0) read_at(data_begin + entry.begin, tensor.mutable_data_ptr(), tensor.nbytes());
    if (entry.dtype == at::kBool) check_bools(tensor, entry, name);
    file.tensors.emplace(entry.name, std::move(tensor));
  }
  return file;
}

/// Entries in the order in which their bytes are written: largest elements first, so that every tensor is
/// aligned and other programs can map the file.
TensorHeader plan(const TensorFile& file, const std::string& path) {
  TensorHeader header;
  header.metadata = file.metadata;
  for (const auto& [name, tensor] : file.tensors) {
    if (name == "__metadata__") fail("cannot write {}: a tensor cannot be named \"__metadata__\"", path);
    if (!tensor.defined() || !safetensors_dtype(tensor.scalar_type()) || tensor.layout() != at::kStrided) {
      fail(
          "cannot write {}: tensor \"{}\": received {}, accepted: a dense tensor of float64, float32, "
          "float16, "
          "bfloat16, int64, int32, int16, int8, uint8, bool",
          path, for_message(name), tensor.defined() ? c10::toString(tensor.scalar_type()) : "nothing");
    }
    header.entries.push_back({.name = name, .dtype = tensor.scalar_type(), .shape = tensor.sizes().vec()});
  }
  std::stable_sort(header.entries.begin(), header.entries.end(), [](const TensorEntry& a, const TensorEntry& b) {
    return c10::elementSize(a.dtype) > c10::elementSize(b.dtype);
  });
  uint64_t end = 0;
  for (auto& entry : header.entries) {
    entry.begin = end;
    end += file.tensors.at(entry.name).nbytes();
    entry.end = end;
  }
  return header;
}

}  // namespace

void write_safetensors(const std::filesystem::path& path, const TensorFile& file) {
  const TensorHeader header = plan(file, path.string());
  const std::string json = tensor_header_json(header, path.string());
  write_atomically(path, [&](const std::filesystem::path& temporary) {
    FileWriter output(temporary, path);
    const auto bytes = [](const void* data, size_t size) {
      return std::string_view(static_cast<const char*>(data), size);
    };
    const uint64_t header_bytes = json.size();
    output.write(bytes(&header_bytes, kLengthBytes));
    output.write(json);
    for (const auto& entry : header.entries) {
      const at::Tensor tensor = file.tensors.at(entry.name).detach().cpu().contiguous();
      output.write(bytes(tensor.const_data_ptr(), tensor.nbytes()));
    }
    output.close();
  });
}

TensorFile read_safetensors(const std::filesystem::path& path) {
  const std::string name = path.string();
  const Descriptor input(path);
  struct stat status{};
  if (input.get() < 0 || ::fstat(input.get(), &status) != 0) fail("cannot read {}: {}", name, std::strerror(errno));
  if (!S_ISREG(status.st_mode)) fail("cannot read {}: it is no file", name);
  // Read and not mapped: a file that another process shortens meanwhile is then an error and not a signal.
  return read_tensors(static_cast<uint64_t>(status.st_size), name, [&](uint64_t offset, void* to, size_t size) {
    auto* next = static_cast<char*>(to);
    while (size > 0) {
      const ssize_t got = ::pread(input.get(), next, size, static_cast<off_t>(offset));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) fail("cannot read {}: {}", name, std::strerror(errno));
      if (got == 0) fail("cannot read {}: it became shorter while it was read", name);
      next += got;
      offset += static_cast<uint64_t>(got);
      size -= static_cast<size_t>(got);
    }
  });
}

TensorFile parse_safetensors(std::string_view bytes, const std::string& name) {
  return read_tensors(bytes.size(), name,
                      [&](uint64_t offset, void* to, size_t size) { std::memcpy(to, bytes.data() + offset, size); });
}

}  // namespace forger
