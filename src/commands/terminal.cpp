#include "commands/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <string_view>

namespace forger::commands {

bool is_terminal(int descriptor) {
  const char* term = std::getenv("TERM");
  return ::isatty(descriptor) != 0 && term != nullptr && std::string_view(term) != "dumb";
}

bool has_colors() {
  const char* no_color = std::getenv("NO_COLOR");
  return is_terminal() && (no_color == nullptr || *no_color == '\0');
}

int terminal_columns(int descriptor) {
  winsize size{};
  return ::ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 100;
}

std::string bold(const std::string& text) { return has_colors() ? "\x1b[1m" + text + "\x1b[0m" : text; }

std::string dim(const std::string& text) { return has_colors() ? "\x1b[2m" + text + "\x1b[0m" : text; }

}  // namespace forger::commands
