#pragma once

#include <fmt/format.h>

#include <string_view>
#include <utility>

namespace forger::commands {

/// What all commands print with. Standard output is written at once and checked: when it cannot be written for the
/// first time, one line on standard error says so, the work goes on without, and main() ends with exit code 2. Of a
/// reader that went away (`| head`) nothing is said, and the exit code is the work's.

/// Before anything else: makes sure that no file that is opened later gets the number of a standard one that is closed,
/// and that writing for nobody, or beyond a limit, is an error and not the end of the process.
void open_standard_files();

/// Whether from now on nothing is printed: another process does so for all.
void silence_output(bool silent);

/// Text to standard output, or to standard error, where nobody can be told of a failure.
void write_output(std::string_view text);
void write_error(std::string_view text);

/// The same, formatted.
template <class... Arguments>
void print(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
  write_output(fmt::format(format, std::forward<Arguments>(arguments)...));
}
template <class... Arguments>
void print_error(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
  write_error(fmt::format(format, std::forward<Arguments>(arguments)...));
}

/// After everything else: whether all that was written has arrived, as far as somebody wanted it.
bool close_output();

}  // namespace forger::commands
