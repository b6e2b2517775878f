#pragma once

#include <c10/core/Device.h>

#include <string>

namespace forger {

/// Whether networks run in bfloat16 for `precision` ("auto", "bfloat16" or "float32") on the device.
bool uses_bfloat16(const std::string& precision, c10::Device device);

/// While it lives, convolutions and matrix products of this thread run in bfloat16 (autocast) if `enabled`, else in
/// float32, whatever an outer object said. Weights stay float32; each is cast once and the cast forgotten at the end,
/// so one object must not span a change of the weights.
class Precision {
 public:
  Precision(c10::Device device, bool enabled);
  ~Precision();
  Precision(const Precision&) = delete;
  Precision& operator=(const Precision&) = delete;

 private:
  c10::DeviceType device_;
  bool previous_;
};

}  // namespace forger
