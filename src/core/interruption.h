#pragma once

namespace forger {

/// Throws Interrupted where an Interruption of this thread says so. For loops over batches.
void go_on_unless_interrupted();

}  // namespace forger
