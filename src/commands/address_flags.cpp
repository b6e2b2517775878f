#include "commands/address_flags.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>

#include "core/fail.h"
#include "core/files.h"
#include "core/text.h"
#include "core/utf8.h"
#include "serve/guard.h"

namespace forger::commands {
namespace {

/// 128 bits from the system's source of randomness.
std::string drawn_token() {
  std::random_device source;
  return fmt::format("{:08x}{:08x}{:08x}{:08x}", source(), source(), source(), source());
}

/// A token is a part of a link and of a header.
std::string token_in(const std::string& file) {
  const auto token = trimmed(read_file(file));
  const bool is_plain =
      std::ranges::all_of(token, [](unsigned char c) { return std::isalnum(c) || c == '-' || c == '_'; });
  if (token.empty() || !is_plain) {
    fail("--token-file: received {}, accepted: a file with letters, digits, - and _ alone", for_message(file));
  }
  return token;
}

}  // namespace

void add_address_flags(CLI::App& command, AddressFlags& flags, const std::string& port_help) {
  command.add_option("--port", flags.port, port_help)->capture_default_str();
  command.add_option("--host", flags.host, "Address to listen on; others than this machine's own ask for a token")
      ->capture_default_str();
  command.add_option("--token-file", flags.token_file,
                     "File with the token to ask for; default: drawn where one is needed");
}

std::string token_for(const AddressFlags& flags) {
  if (!flags.token_file.empty()) return token_in(flags.token_file);
  return is_loopback(flags.host) ? std::string() : drawn_token();
}

}  // namespace forger::commands
