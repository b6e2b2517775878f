#pragma once

#include <string>

namespace forger::commands {

/// Whether a stream, standard output unless said otherwise, is a terminal that takes control sequences.
bool is_terminal(int descriptor = 1);

/// Whether colours are welcome: a terminal, NO_COLOR not set (no-color.org), TERM not "dumb".
bool has_colors();

/// Columns of the terminal, or 100.
int terminal_columns(int descriptor = 1);

/// `text` in bold or dimmed where colours are welcome.
std::string bold(const std::string& text);
std::string dim(const std::string& text);

}  // namespace forger::commands
