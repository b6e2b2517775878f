#include <string_view>

#include "core/fail.h"
#include "core/files.h"
#include "core/torch.h"
#include "data/export.h"
#include "image/grid.h"
#include "image/png.h"

namespace forger {
namespace {

namespace fs = std::filesystem;

/// The folder in the making.
struct NewFolder {
  fs::path temporary, whole;

  /// Plain and unflushed: the folder is renamed as a whole.
  void write(const fs::path& name, std::string_view content) const {
    FileWriter file(temporary / name, whole / name);
    file.write(content);
    file.close();
  }
};

void write_points(const Source& source, const NewFolder& folder) {
  std::string table = "x,y,mode\n";
  std::vector<at::Tensor> points;
  for (int64_t i = 0; i < source.size(); ++i) {
    points.push_back(source.point(i));
    const float* place = points.back().const_data_ptr<float>();
    table += fmt::format("{},{},{}\n", place[0], place[1], source.label(i));
  }
  folder.write("points.csv", table);
  folder.write("points.png", encode_png(sample_picture(at::stack(points))));
}

void write_images(const Source& source, const NewFolder& folder) {
  const auto classes = source.class_names();
  for (const auto& name : classes) make_folder(folder.temporary / name);
  for (int64_t i = 0; i < source.size(); ++i) {
    const auto& name = classes[static_cast<size_t>(source.label(i))];
    folder.write(fs::path(name) / fmt::format("{:06}.png", i), encode_png(to_tensor(source.decode(i, {}))));
  }
}

}  // namespace

void write_synthetic(const SyntheticOptions& options, const fs::path& folder) {
  const auto source = open_synthetic(options);
  std::error_code error;
  if (fs::exists(folder) && !(fs::is_directory(folder) && fs::is_empty(folder, error))) {
    fail("cannot write into {}: it is there and not an empty folder", folder.string());
  }
  const fs::path whole = (folder.has_filename() ? folder : folder.parent_path());
  const NewFolder made{temporary_name(whole), whole};
  if (!whole.parent_path().empty()) make_folder(whole.parent_path());
  make_folder(made.temporary);
  try {
    source->has_points() ? write_points(*source, made) : write_images(*source, made);
    fs::rename(made.temporary, whole, error);
    if (error) fail("cannot write {}: {}", whole.string(), error.message());
  } catch (...) {
    fs::remove_all(made.temporary, error);
    throw;
  }
}

}  // namespace forger
