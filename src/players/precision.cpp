#include "players/precision.h"

#include <ATen/autocast_mode.h>

#include "core/device.h"

namespace forger {

bool uses_bfloat16(const std::string& precision, c10::Device device) {
  return precision == "bfloat16" || (precision == "auto" && has_fast_bfloat16(device));
}

Precision::Precision(c10::Device device, bool enabled)
    : device_(device.type()), previous_(at::autocast::is_autocast_enabled(device_)) {
  at::autocast::increment_nesting();
  at::autocast::set_autocast_enabled(device_, enabled);
  at::autocast::set_autocast_dtype(device_, at::kBFloat16);
}

Precision::~Precision() {
  if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
  at::autocast::set_autocast_enabled(device_, previous_);
}

}  // namespace forger
