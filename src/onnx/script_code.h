#pragma once

#include <string>

#include "onnx/graph.h"

namespace forger {

/// Integers of a graph that are written into its code: up to so many, more stand beside it as tensors do.
inline constexpr int64_t kMostIntegersInCode = 64;

/// Whether a constant of a graph is part of its code. All others are attributes of the module that the code is for,
/// under their names, whose dots lead through modules inside it.
bool stands_in_code(const at::Tensor& constant);

/// What an input of a graph is called in its code, where not all names are free.
std::string script_name(const std::string& input);

/// A graph as the source of a TorchScript module's methods. `forward` takes the graph's inputs in their order,
/// `truncation` a number that may be left out, and gives its outputs, as a tuple where there are several. Sizes are
/// read when it runs, so that what the graph takes at any size it does, too. Throws Error on an operation that is not
/// known.
std::string script_code(const OnnxGraph& graph);

}  // namespace forger
