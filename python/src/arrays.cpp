#include "arrays.h"

#include <ATen/Functions.h>

#include <array>
#include <cstdlib>
#include <memory>
#include <utility>
#include <vector>

#include "forger/error.h"

namespace nb = nanobind;

namespace forger::python {
namespace {

using Code = nb::dlpack::dtype_code;

/// DLPack's names of the numbers beside LibTorch's.
struct NumberType {
  Code code;
  uint8_t bits;
  at::ScalarType type;
};
constexpr std::array<NumberType, 10> kNumberTypes{{{Code::UInt, 8, at::kByte},
                                                   {Code::Int, 8, at::kChar},
                                                   {Code::Int, 16, at::kShort},
                                                   {Code::Int, 32, at::kInt},
                                                   {Code::Int, 64, at::kLong},
                                                   {Code::Float, 16, at::kHalf},
                                                   {Code::Float, 32, at::kFloat},
                                                   {Code::Float, 64, at::kDouble},
                                                   {Code::Bfloat, 16, at::kBFloat16},
                                                   {Code::Bool, 8, at::kBool}}};

at::ScalarType number_type(nb::dlpack::dtype given) {
  for (const auto& known : kNumberTypes) {
    if (given.code == static_cast<uint8_t>(known.code) && given.bits == known.bits && given.lanes == 1) {
      return known.type;
    }
  }
  throw Error("array: received numbers of DLPack's type " + std::to_string(given.code) + " with " +
              std::to_string(given.bits) + " bits, accepted: bool, signed integers, uint8, floating-point numbers");
}

nb::dlpack::dtype dlpack_type(at::ScalarType type) {
  for (const auto& known : kNumberTypes) {
    if (known.type == type) return {static_cast<uint8_t>(known.code), known.bits, 1};
  }
  throw Error(std::string("array: Forger made ") + c10::toString(type) + ", which has no name in DLPack");
}

at::Device device_of(const nb::ndarray<nb::ro>& array) {
  switch (array.device_type()) {
    case nb::device::cpu::value:
    case nb::device::cuda_host::value: return at::kCPU;
    case nb::device::cuda::value: return {at::kCUDA, static_cast<at::DeviceIndex>(array.device_id())};
    default:
      throw Error("array: received one on DLPack's device " + std::to_string(array.device_type()) +
                  ", accepted: on the CPU or a CUDA device");
  }
}

}  // namespace

at::Tensor tensor_of(const nb::ndarray<nb::ro>& array) {
  const auto type = number_type(array.dtype());
  const auto device = device_of(array);
  auto* data = static_cast<char*>(const_cast<void*>(array.data()));
  std::vector<int64_t> sizes, strides, turned;
  for (size_t i = 0; i < array.ndim(); ++i) {
    sizes.push_back(static_cast<int64_t>(array.shape(i)));
    strides.push_back(std::abs(array.stride(i)));
    // NumPy's image[::-1] begins at its end, which no tensor does.
    if (array.stride(i) >= 0 || array.size() == 0) continue;
    data += (sizes.back() - 1) * array.stride(i) * array.dtype().bits / 8;
    turned.push_back(static_cast<int64_t>(i));
  }
  // The array is let go where the last tensor is, also without the interpreter's lock.
  auto kept = std::make_shared<nb::ndarray<nb::ro>>(array);
  auto tensor = at::from_blob(
      data, sizes, strides,
      [kept](void*) mutable {
        const nb::gil_scoped_acquire locked;
        kept.reset();
      },
      at::TensorOptions().dtype(type).device(device));
  if (!turned.empty()) tensor = tensor.flip(turned);
  return tensor.cpu();
}

nb::object array_of(const at::Tensor& tensor) {
  if (!tensor.defined()) return nb::none();
  auto kept = std::make_unique<at::Tensor>(tensor.detach().cpu());
  const std::vector<size_t> sizes(kept->sizes().begin(), kept->sizes().end());
  const auto strides = kept->strides().vec();
  void* data = kept->mutable_data_ptr();
  const auto type = dlpack_type(kept->scalar_type());
  const nb::capsule owner(kept.release(), [](void* held) noexcept { delete static_cast<at::Tensor*>(held); });
  return nb::ndarray<nb::pytorch>(data, sizes.size(), sizes.data(), owner, strides.data(), type).cast();
}

at::Tensor as_floats(const std::string& what, const at::Tensor& numbers) {
  if (at::isFloatingType(numbers.scalar_type())) return numbers.to(at::kFloat);
  throw Error(what + ": received " + c10::toString(numbers.scalar_type()) +
              ", accepted: floating-point numbers; of pixels, x / 127.5 - 1");
}

}  // namespace forger::python
