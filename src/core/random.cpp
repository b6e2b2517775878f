#include "core/random.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Context.h>

#include <mutex>

namespace forger {
namespace {

uint64_t mixed(uint64_t value) {
  value += 0x9E3779B97F4A7C15ULL;
  value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9ULL;
  value = (value ^ (value >> 27)) * 0x94D049BB133111EBULL;
  return value ^ (value >> 31);
}

}  // namespace

uint64_t derive_seed(uint64_t seed, Stream stream, uint64_t index) {
  return mixed(mixed(mixed(seed) ^ static_cast<uint64_t>(stream)) ^ index);
}

at::Generator make_random(uint64_t seed, c10::Device device) {
  if (device.is_cpu()) return at::make_generator<at::CPUGeneratorImpl>(seed);
  auto random = at::globalContext().defaultGenerator(device).clone();
  random.set_current_seed(seed);
  return random;
}

}  // namespace forger
