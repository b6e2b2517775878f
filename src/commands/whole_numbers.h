#pragma once

#include <CLI/CLI.hpp>

namespace forger::commands {

/// Makes every option of the program and its commands that takes a whole number refuse one that does not fit into its
/// 64 bits. The parser would take the nearest that fits.
void refuse_too_large_numbers(CLI::App& app);

}  // namespace forger::commands
