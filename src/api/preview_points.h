#pragma once

#include <ATen/core/Tensor.h>

#include <nlohmann/json.hpp>

#include "games/exhibit.h"

namespace forger {

// The numbers behind previews of points of the plane, as JSON (docs/run_folder.md): what GAN Lab draws (Kahng et al.
// 2018, arXiv 1809.01587). Points are float `[N, 2, 1, 1]`.

/// The real points, and the square around them that pictures show.
nlohmann::ordered_json real_points(const at::Tensor& reals);

/// The fakes, the discriminator's field in the same square, where one plays, and where the averaged generator takes a
/// grid of latents. `exhibit`: of a game that makes points from latents.
nlohmann::ordered_json preview_points(Exhibit& exhibit, const GeneratorOptions& options, const at::Tensor& fakes,
                                      const at::Tensor& reals);

}  // namespace forger
