#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <cctype>
#include <memory>
#include <optional>
#include <utility>

#include "core/fail.h"
#include "core/files.h"
#include "core/plural.h"
#include "data/export.h"
#include "data/shards.h"
#include "image/png.h"

namespace forger {
namespace {

namespace fs = std::filesystem;

/// One archive in the making. Every member has the same owner, mode and time: equal input gives equal bytes.
class TarWriter {
 public:
  /// `shown`: the path that messages name.
  TarWriter(const fs::path& path, const fs::path& shown)
      : path_(shown), archive_(archive_write_new(), archive_write_free) {
    check(archive_write_set_format_pax_restricted(archive_.get()));
    check(archive_write_open_filename(archive_.get(), path.c_str()));
  }

  void add(const std::string& name, std::string_view content) {
    const std::unique_ptr<archive_entry, void (*)(archive_entry*)> entry(archive_entry_new(), archive_entry_free);
    archive_entry_set_pathname(entry.get(), name.c_str());
    archive_entry_set_size(entry.get(), static_cast<la_int64_t>(content.size()));
    archive_entry_set_filetype(entry.get(), AE_IFREG);
    archive_entry_set_perm(entry.get(), 0644);
    archive_entry_set_mtime(entry.get(), 0, 0);
    check(archive_write_header(archive_.get(), entry.get()));
    const auto written = archive_write_data(archive_.get(), content.data(), content.size());
    if (written != static_cast<la_ssize_t>(content.size())) check(ARCHIVE_FATAL);
  }

  void close() { check(archive_write_close(archive_.get())); }

 private:
  void check(int code) const {
    if (code >= ARCHIVE_WARN) return;
    if (const int reason = archive_errno(archive_.get()); reason > 0) throw WriteError(path_, reason);
    const char* text = archive_error_string(archive_.get());
    fail("cannot write {}: {}", path_.string(), text ? text : "unknown reason");
  }

  fs::path path_;
  std::unique_ptr<archive, int (*)(archive*)> archive_;
};

/// An image ready to be packed.
struct Packed {
  std::string name;  // without extension
  std::string extension;
  std::string bytes;
  int64_t label = -1;
};

Packed prepare(const Source& source, int64_t index, const std::vector<std::string>& classes) {
  Packed packed;
  packed.bytes = source.file_bytes(index);
  packed.extension = "png";
  if (packed.bytes.empty()) {
    packed.bytes = encode_png(to_tensor(source.decode(index, {})));
  } else {
    const ImageFormat format = image_info(packed.bytes, source.name(index)).format;
    packed.extension = format == ImageFormat::jpeg ? "jpg" : format == ImageFormat::webp ? "webp" : "png";
  }
  packed.label = source.label(index);
  packed.name = fmt::format("{:08}", index);
  if (packed.label >= 0) packed.name = classes[static_cast<size_t>(packed.label)] + "/" + packed.name;
  return packed;
}

/// Writes items from `index` on into one archive, until `last` or until it has `shard_bytes`.
void write_shard(const Source& source, const fs::path& path, int64_t& index, int64_t last, int64_t shard_bytes,
                 PackReport& report) {
  const auto classes = source.class_names();
  write_atomically(path, [&](const fs::path& temporary) {
    TarWriter writer(temporary, path);
    int64_t bytes = 0;
    while (index < last && bytes < shard_bytes) {
      std::optional<Packed> packed;
      try {
        packed = prepare(source, index, classes);
      } catch (const Error& error) {
        report.left_out.emplace_back(error.what());
      }
      ++index;
      if (!packed) continue;
      writer.add(packed->name + "." + packed->extension, packed->bytes);
      if (packed->label >= 0) writer.add(packed->name + ".cls", std::to_string(packed->label));
      bytes += static_cast<int64_t>(packed->bytes.size());
      ++report.images;
    }
    writer.close();
  });
  report.shards.push_back(path.string());
}

/// Writes all archives that `target` means.
void write_shards(const Source& source, const std::string& target, int64_t shard_bytes, PackReport& report) {
  const int64_t count = source.size();
  int64_t index = 0;
  if (!target.ends_with(".tar")) {
    std::error_code error;
    if (fs::exists(target) && !(fs::is_directory(target) && fs::is_empty(target, error))) {
      fail("cannot write into {}: it is there and not an empty folder", target);
    }
    make_folder(target);
    while (index < count) {
      const auto path = fs::path(target) / fmt::format("shard-{:06}.tar", report.shards.size());
      write_shard(source, path, index, count, shard_bytes, report);
    }
    return;
  }
  const auto paths = expand_braces(target);
  for (const auto& path : paths) {
    if (fs::exists(path)) fail("cannot write {}: it is already there", path);
  }
  const auto shards = static_cast<int64_t>(paths.size());
  if (shards > count)
    fail("received {} for {}, accepted: at most one an image", counted(shards, "shard"), counted(count, "image"));
  for (int64_t shard = 0; shard < shards; ++shard) {
    const fs::path path = paths[static_cast<size_t>(shard)];
    if (!path.parent_path().empty()) make_folder(path.parent_path());
    write_shard(source, path, index, (shard + 1) * count / shards, INT64_MAX, report);
  }
}

}  // namespace

PackReport pack_shards(const Source& source, const std::string& target, int64_t shard_bytes) {
  if (source.has_points()) fail("cannot pack points: tar shards hold images");
  PackReport report;
  report.left_out = source.incomplete();
  try {
    write_shards(source, target, shard_bytes, report);
    if (report.images == 0) fail("nothing to pack: {}", report.left_out.empty() ? "no images" : report.left_out[0]);
  } catch (...) {
    std::error_code ignored;
    for (const auto& path : report.shards) fs::remove(path, ignored);
    throw;
  }
  return report;
}

}  // namespace forger
