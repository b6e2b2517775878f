#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "image/pixels.h"

namespace forger {

/// Whether a folder is laid out as MVTec AD's are (Bergmann et al. 2021): `train/good` holds normal images to train on,
/// and each folder of `test` images of one kind, "good" or a defect's name.
bool is_mvtec(const std::filesystem::path& folder);

/// `validation/good`: the normal images that MVTec LOCO's and AD 2's layouts set aside from those to train on. Empty
/// where there are none.
std::filesystem::path mvtec_validation(const std::filesystem::path& folder);

/// The masks in `ground_truth`: of the image `test/broken/003.png` it is `ground_truth/broken/003_mask.png`,
/// `ground_truth/broken/003.png`, or the images in the folder `ground_truth/broken/003` together (MVTec LOCO). Endings
/// and capitals of the names do not matter.
class MvtecMasks {
 public:
  /// `images`: the names of the images of `test`, such as "broken/003.png". A folder of another layout has no masks.
  MvtecMasks(const std::filesystem::path& folder, const std::vector<std::string>& images);

  bool empty() const { return files_.empty(); }
  /// Where the image is defective, as `decode_mask` gives it; nothing where no mask belongs to it. Throws Error naming
  /// the file: it cannot be read, or the image has two.
  std::optional<Pixels> read(const std::string& image) const;
  /// Masks that belong to none of the images.
  const std::vector<std::filesystem::path>& strays() const { return strays_; }

 private:
  /// How a mask's name names its image, the surest first.
  enum class Naming { suffix, same, folder };
  struct File {
    Naming naming = Naming::suffix;
    std::filesystem::path path;
    std::string image;  ///< as the mask's name has it, without an ending
  };
  std::multimap<std::string, File> files_;  // by their image in small letters
  std::vector<std::filesystem::path> strays_;
};

}  // namespace forger
