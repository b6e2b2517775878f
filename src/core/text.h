#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace forger {

/// The accepted word with the smallest edit distance to `received`, or "" when none is near (more than half differs).
std::string nearest_word(std::string_view received, const std::vector<std::string>& accepted);

/// ` (did you mean "x"?)`, or "" when no accepted word is near. For error messages.
std::string did_you_mean(std::string_view received, const std::vector<std::string>& accepted);

/// "a, b, c".
std::string join(const std::vector<std::string>& words, std::string_view separator = ", ");

/// The parts between the separators, at least one.
std::vector<std::string> split(std::string_view text, char separator);

/// A field of a CSV file (RFC 4180), escaped as for people: in quotes where it holds a comma or a quote.
std::string csv_field(std::string_view raw);

/// Bytes of a size such as "512MiB", "2GB", "64 kB" or "1024" (a bare number counts MiB). Throws Error, naming `key`.
int64_t parse_bytes(std::string_view text, std::string_view key);

/// "1.5 GiB", "312 kB": for people.
std::string format_bytes(double bytes);

/// "2 h 05 min", "3 min 20 s", "12 s": for people.
std::string format_duration(double seconds);

/// What stands before the first line break: of LibTorch's errors, what happened without the stack of calls.
std::string first_line(std::string_view text);

/// The text without leading and trailing white space.
std::string trimmed(std::string_view text);

}  // namespace forger
