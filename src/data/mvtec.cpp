#include "data/mvtec.h"

namespace forger {

namespace fs = std::filesystem;

bool is_mvtec(const fs::path& folder) {
  std::error_code unknown;
  return fs::is_directory(folder / "train" / "good", unknown) && fs::is_directory(folder / "test", unknown);
}

fs::path mvtec_validation(const fs::path& folder) {
  auto validation = folder / "validation" / "good";
  return is_mvtec(folder) && fs::is_directory(validation) ? validation : fs::path();
}

fs::path mvtec_mask(const fs::path& folder, const std::string& name) {
  const fs::path image = fs::path("ground_truth") / name;
  for (const char* ending : {"_mask", ""}) {
    auto mask = folder / image.parent_path() / (image.stem().string() + ending + ".png");
    if (fs::is_regular_file(mask)) return mask;
  }
  return {};
}

}  // namespace forger
