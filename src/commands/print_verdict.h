#pragma once

#include <string>

#include "forger/verdict.h"

namespace forger::commands {

/// A verdict as a short paragraph: the sentence, the three most telling numbers, and what to do, as a command where
/// there is one. `run`: the run folder, or empty.
void print_verdict(const Verdict& verdict, const std::string& run);

/// All its evidence as a table.
void print_evidence(const Verdict& verdict);

}  // namespace forger::commands
