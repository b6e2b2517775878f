#pragma once

#include <filesystem>
#include <string>

namespace forger {

/// Whether a folder is laid out as MVTec AD's are (Bergmann et al. 2021): `train/good` holds normal images to train on, and
/// each folder of `test` images of one kind, "good" or a defect's name.
bool is_mvtec(const std::filesystem::path& folder);

/// `validation/good`: the normal images that MVTec LOCO's and AD 2's layouts set aside from those to train on. Empty where
/// there are none.
std::filesystem::path mvtec_validation(const std::filesystem::path& folder);

/// The mask of an image of `test`, named as "broken/003.png": `ground_truth/broken/003_mask.png`, or
/// `ground_truth/broken/003.png`. Empty where there is none.
std::filesystem::path mvtec_mask(const std::filesystem::path& folder, const std::string& name);

}  // namespace forger
