#include "core/npz.h"

#include <ATen/ATen.h>
#include <archive.h>
#include <archive_entry.h>

#include <bit>
#include <memory>
#include <string_view>

#include "core/fail.h"
#include "core/files.h"

namespace forger {
namespace {

static_assert(std::endian::native == std::endian::little, "arrays are written as they lie in memory");

struct FreeWriter {
  void operator()(archive* writer) const { archive_write_free(writer); }
};
struct FreeEntry {
  void operator()(archive_entry* entry) const { archive_entry_free(entry); }
};

const char* numpy_type(const std::string& name, at::ScalarType type) {
  switch (type) {
    case at::kByte: return "|u1";
    case at::kLong: return "<i8";
    case at::kFloat: return "<f4";
    case at::kDouble: return "<f8";
    default: fail("array {}: received {}, accepted: uint8, int64, float32, float64", name, c10::toString(type));
  }
}

/// What stands before the numbers in an .npy file, version 1.0 (numpy.lib.format): a Python literal, padded
/// so that the numbers begin at a multiple of 64 bytes.
std::string npy_header(const std::string& name, const at::Tensor& array) {
  std::string shape;
  for (const int64_t size : array.sizes()) shape += fmt::format("{}, ", size);
  std::string text = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}), }}",
                                 numpy_type(name, array.scalar_type()), shape);
  constexpr size_t kPrefix = 10;  // magic, version, length
  text.append(63 - (kPrefix + text.size()) % 64, ' ');
  text += '\n';
  std::string header("\x93NUMPY\x01\x00", 8);
  header += static_cast<char>(text.size() & 0xFF);
  header += static_cast<char>(text.size() >> 8);
  return header + text;
}

class ZipWriter {
 public:
  ZipWriter(const std::filesystem::path& file, const std::filesystem::path& path)
      : path_(path), archive_(archive_write_new()) {
    check(archive_write_set_format_zip(archive_.get()));
    check(archive_write_zip_set_compression_store(archive_.get()));
    check(archive_write_open_filename(archive_.get(), file.c_str()));
  }

  void begin(const std::string& name, int64_t bytes) {
    std::unique_ptr<archive_entry, FreeEntry> entry(archive_entry_new());
    archive_entry_set_pathname(entry.get(), name.c_str());
    archive_entry_set_filetype(entry.get(), AE_IFREG);
    archive_entry_set_perm(entry.get(), 0644);
    archive_entry_set_size(entry.get(), bytes);
    archive_entry_set_mtime(entry.get(), 1'000'000'000, 0);  // fixed: the same arrays make the same file
    check(archive_write_header(archive_.get(), entry.get()));
  }

  void write(const void* data, size_t bytes) {
    const auto* from = static_cast<const char*>(data);
    while (bytes > 0) {
      const auto written = archive_write_data(archive_.get(), from, bytes);
      if (written <= 0) refuse();
      from += written;
      bytes -= static_cast<size_t>(written);
    }
  }

  void close() { check(archive_write_close(archive_.get())); }

 private:
  void check(int result) {
    if (result != ARCHIVE_OK) refuse();
  }

  [[noreturn]] void refuse() const {
    if (const int reason = archive_errno(archive_.get()); reason > 0) throw WriteError(path_, reason);
    const char* text = archive_error_string(archive_.get());
    fail("cannot write {}: {}", path_.string(), text ? text : "unknown error");
  }

  std::filesystem::path path_;
  std::unique_ptr<archive, FreeWriter> archive_;
};

}  // namespace

void write_npz(const std::filesystem::path& path, const std::map<std::string, at::Tensor>& arrays) {
  write_atomically(path, [&](const std::filesystem::path& temporary) {
    ZipWriter zip(temporary, path);
    for (const auto& [name, tensor] : arrays) {
      const at::Tensor array = tensor.detach().cpu().contiguous();
      const std::string header = npy_header(name, array);
      zip.begin(name + ".npy", static_cast<int64_t>(header.size() + array.nbytes()));
      zip.write(header.data(), header.size());
      zip.write(array.const_data_ptr(), array.nbytes());
    }
    zip.close();
  });
}

}  // namespace forger
