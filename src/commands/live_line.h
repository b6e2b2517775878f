#pragma once

#include <chrono>
#include <string>

namespace forger::commands {

/// One line of a terminal that each text replaces. Where the stream is no terminal, nothing is shown.
class LiveLine {
 public:
  enum class On { output, error };
  explicit LiveLine(On stream);
  ~LiveLine();
  LiveLine(const LiveLine&) = delete;
  LiveLine& operator=(const LiveLine&) = delete;

  bool is_seen() const { return is_seen_; }
  /// Whether it is time for another text: a few a second are enough for eyes.
  bool is_due() const;
  /// Text of any bytes, cut at the terminal's last column but one.
  void show(const std::string& text);
  /// Takes the line away: before anything else is printed.
  void clear();

 private:
  void write(const std::string& text) const;

  On stream_;
  bool is_seen_, is_open_ = false;
  std::chrono::steady_clock::time_point shown_;
};

}  // namespace forger::commands
