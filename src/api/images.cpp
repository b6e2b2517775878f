#include "forger/images.h"

#include "image/grid.h"
#include "image/png.h"

namespace forger {

void save_image(const std::filesystem::path& path, const at::Tensor& pixels) { write_png(path, pixels); }

void save_grid(const std::filesystem::path& path, const at::Tensor& samples, int64_t columns) {
  write_png(path, sample_picture(samples, columns));
}

}  // namespace forger
