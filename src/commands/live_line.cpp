#include "commands/live_line.h"

#include <unistd.h>

#include <algorithm>
#include <string_view>

#include "commands/output.h"
#include "commands/terminal.h"
#include "core/utf8.h"

namespace forger::commands {
namespace {

constexpr std::chrono::milliseconds kLivePause{200};
constexpr const char* kClear = "\r\x1b[K";

int descriptor_of(LiveLine::On stream) { return stream == LiveLine::On::output ? STDOUT_FILENO : STDERR_FILENO; }

/// The first characters of `text`, at most `columns` of them: a wider line would be broken into two, of which only the
/// second could be taken away.
std::string cut(const std::string& text, int columns) {
  size_t end = 0;
  for (int column = 0; column < columns && end < text.size(); ++column)
    end += character_size(std::string_view(text).substr(end));
  return text.substr(0, end);
}

}  // namespace

LiveLine::LiveLine(On stream) : stream_(stream), is_seen_(is_terminal(descriptor_of(stream))) {}

LiveLine::~LiveLine() { clear(); }

bool LiveLine::is_due() const { return is_seen_ && std::chrono::steady_clock::now() - shown_ >= kLivePause; }

void LiveLine::show(const std::string& text) {
  if (!is_seen_) return;
  shown_ = std::chrono::steady_clock::now();
  write(kClear + cut(printable(text), std::max(terminal_columns(descriptor_of(stream_)) - 1, 1)));
  is_open_ = true;
}

void LiveLine::clear() {
  if (is_open_) write(kClear);
  is_open_ = false;
}

void LiveLine::write(const std::string& text) const { stream_ == On::output ? write_output(text) : write_error(text); }

}  // namespace forger::commands
