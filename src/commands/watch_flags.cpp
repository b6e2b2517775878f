#include "commands/watch_flags.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>

#include "commands/output.h"
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

void add_watch_flags(CLI::App& command, WatchFlags& flags) {
  command.add_option("--port", flags.port, "Port; where it is taken, the next free one")->capture_default_str();
  command.add_option("--host", flags.host, "Address to listen on; others than this machine's own ask for a token")
      ->capture_default_str();
  command.add_option("--token-file", flags.token_file,
                     "File with the token to ask for; default: drawn where one is needed");
}

void add_watch_flag(CLI::App& command, bool& watch) {
  command.add_flag("--watch", watch, "Show it on a page in the browser meanwhile");
}

std::unique_ptr<WatchServer> watch_training(bool watch, const std::filesystem::path& run) {
  if (!watch) return nullptr;
  auto options = watch_options({});
  options.folders.push_back(run);
  auto server = std::make_unique<WatchServer>(options);
  print_error("watch it at {}\n", server->link());
  return server;
}

WatchOptions watch_options(const WatchFlags& flags) {
  WatchOptions options{.folders = {}, .host = flags.host, .port = flags.port, .token = {}};
  if (!flags.token_file.empty()) {
    options.token = token_in(flags.token_file);
  } else if (!is_loopback(flags.host)) {
    options.token = drawn_token();
  }
  return options;
}

}  // namespace forger::commands
