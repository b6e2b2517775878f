#pragma once

#include <c10/core/ScalarType.h>

#include <optional>
#include <string_view>

#include "model/pickle.h"

namespace forger {

/// The number type of a storage that PyTorch named so, such as torch.HalfStorage; none where it is no storage.
std::optional<at::ScalarType> storage_dtype(const PickledName& name);

bool is_name(const PickledName& name, std::string_view module, std::string_view known);
/// Whether a call of the name makes a dictionary.
bool makes_dictionary(const PickledName& name);
/// Whether weights need the name. Every other one in a pickle is refused.
bool is_understood(const PickledName& name);

}  // namespace forger
