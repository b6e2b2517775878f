#pragma once

#include <ATen/core/Tensor.h>
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include <string>

namespace forger::python {

/// The memory of an array as a tensor, which keeps the array alive. Throws Error where it lies on a device that Forger
/// does not know, or holds numbers that it does not know.
at::Tensor tensor_of(const nanobind::ndarray<nanobind::ro>& array);

/// A tensor as a torch.Tensor of the same memory.
nanobind::object array_of(const at::Tensor& tensor);

/// The numbers of images or latents as float32. Throws Error where they are no floating-point numbers: an image of
/// bytes has another range. `what`: the call, for people.
at::Tensor as_floats(const std::string& what, const at::Tensor& numbers);

}  // namespace forger::python

/// Tensors cross by DLPack: in from anything that has it, out as torch.Tensor; an undefined one is None.
template <>
struct nanobind::detail::type_caster<at::Tensor> {
  NB_TYPE_CASTER(at::Tensor, io_name("forger.arrays.Array", "torch.Tensor"))

  bool from_python(handle source, uint32_t flags, cleanup_list* cleanup) {
    make_caster<ndarray<ro>> caster;
    if (!caster.from_python(source, flags, cleanup)) return false;
    value = forger::python::tensor_of(caster.value);
    return true;
  }

  static handle from_cpp(const at::Tensor& tensor, rv_policy, cleanup_list*) {
    return forger::python::array_of(tensor).release();
  }
};
