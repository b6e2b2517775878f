#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace forger::commands {

/// Where a command answers requests, and who may ask.
struct AddressFlags {
  std::string host = "127.0.0.1";
  int port = 0;
  std::string token_file = {};
};

/// --port with its help, --host, --token-file.
void add_address_flags(CLI::App& command, AddressFlags& flags, const std::string& port_help);

/// The token to ask for: the file's, one that is drawn where others can reach the host, else none. Throws Error when
/// the file cannot be read or holds none.
std::string token_for(const AddressFlags& flags);

}  // namespace forger::commands
