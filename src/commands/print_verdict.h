#pragma once

#include <string>

#include "forger/verdict.h"
#include "referee/texts.h"

namespace forger::commands {

/// A verdict as a short paragraph: the sentence, the three most telling numbers, and what to do, as a command where
/// there is one. `run`: the run folder, or empty; `texts`: of the language that the verdict is in.
void print_verdict(const Verdict& verdict, const std::string& run, const Texts& texts);

/// All its evidence as a table.
void print_evidence(const Verdict& verdict, const Texts& texts);

}  // namespace forger::commands
