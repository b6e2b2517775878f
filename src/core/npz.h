#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

namespace forger {

/// Writes NumPy's `.npz` (a zip archive of `.npy` members, stored or deflated), atomically. dtypes: uint8, int64,
/// float32, float64. `numpy.load` reads it.
void write_npz(const std::filesystem::path& path, const std::map<std::string, at::Tensor>& arrays);

/// Reads such an archive, by `numpy.savez` or `savez_compressed` too: name (without ".npy") -> array. Booleans become
/// uint8; integers and floats of other sizes are refused, as are Python objects and Fortran order. Throws Error naming
/// the path and what is wrong.
std::map<std::string, at::Tensor> read_npz(const std::filesystem::path& path);

/// The same from the bytes of the archive; `name` is for messages.
std::map<std::string, at::Tensor> parse_npz(std::string_view bytes, const std::string& name);

/// Reads one array that `numpy.save` wrote (`.npy`), with the same types and errors.
at::Tensor read_npy(const std::filesystem::path& path);

/// The same from the bytes of the file.
at::Tensor parse_npy(std::string_view bytes, const std::string& name);

}  // namespace forger
