#pragma once

#include <cstdint>
#include <functional>

namespace forger {

/// Bytes of main memory that can be had without pushing others out: what the machine has left, and what is left below
/// the limits of this process and its control group.
int64_t free_memory_bytes();

/// The most bytes that tensors made by this thread take together while `work` runs, beside those that were there
/// before.
int64_t peak_tensor_bytes(const std::function<void()>& work);

/// For a program's beginning: memory that large tensors gave back is kept for the next ones. glibc would give each
/// block of 32 MiB and more back to the system, which clears its pages again for the next layer or tile.
void keep_freed_memory();

/// Whether an exception that is being handled says that there is not enough memory, of the machine or of a device. Call
/// it in a handler.
bool is_out_of_memory();

}  // namespace forger
