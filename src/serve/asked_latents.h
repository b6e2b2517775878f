#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "forger/model.h"
#include "serve/model_tasks.h"

namespace forger {

/// Images that one request may ask for.
inline constexpr double kMostImagesAsked = 64;
/// JavaScript's numbers are whole up to here.
inline constexpr double kLargestSeed = 9007199254740991;

/// Directions that a request may move latents along: no more than latents or what is made of them have numbers.
int64_t directions_of(const ModelInfo& model);

/// What a request for samples asks for: those of one seed, the first one of each of several, or the way through these.
/// Throws Error where its options do not fit.
Latents latents_of(const Model& model, const TaskCall& call);

/// How far to move them along each direction, `[1, directions]`, of "0:1.5,3:-2"; undefined where nowhere. Throws Error
/// on a direction that there is not, or on going too far.
at::Tensor amounts_of(const Model& model, const TaskCall& call);

}  // namespace forger
