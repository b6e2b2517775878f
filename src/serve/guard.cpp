#include "serve/guard.h"

#include <algorithm>
#include <cctype>

#include "core/text.h"

namespace forger {
namespace {

constexpr std::string_view kCookie = "forger_token=";

/// "localhost" of "LOCALHOST:7860", "::1" of "[::1]:7860".
std::string name_in(std::string_view host) {
  if (host.starts_with('[')) {
    host = host.substr(1, host.find(']') - 1);
  } else {
    host = host.substr(0, host.find(':'));
  }
  std::string name(host);
  std::ranges::transform(name, name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return name;
}

/// Takes as long for a wrong text as for the right one.
bool are_equal(std::string_view received, std::string_view wanted) {
  unsigned difference = received.size() == wanted.size() ? 0 : 1;
  for (size_t i = 0; i < wanted.size(); ++i) {
    const char c = i < received.size() ? received[i] : '\0';
    difference |= static_cast<unsigned char>(c) ^ static_cast<unsigned char>(wanted[i]);
  }
  return difference == 0;
}

}  // namespace

bool is_loopback(std::string_view host) {
  const bool is_number = host.find_first_not_of("0123456789.") == std::string_view::npos;
  return host == "localhost" || host == "::1" || (is_number && host.starts_with("127."));
}

Guard::Guard(std::string host, std::string token) : host_(std::move(host)), token_(std::move(token)) {}

bool Guard::comes_from_here(const Caller& caller) const {
  const auto name = name_in(caller.host);
  // Elsewhere a server may have many names; there the token, which a browser keeps for each name, guards it.
  if (is_loopback(host_) && !is_loopback(name) && name != host_) return false;
  if (!caller.origin.empty()) {
    const auto scheme = caller.origin.find("://");
    if (scheme == std::string::npos || caller.origin.substr(scheme + 3) != caller.host) return false;
  }
  const bool is_other_page = caller.fetch_site == "cross-site" || caller.fetch_site == "same-site";
  return !is_other_page || caller.fetch_mode == "navigate";
}

bool Guard::may_enter(const Caller& caller) const {
  if (token_.empty()) return true;
  constexpr std::string_view kBearer = "Bearer ";
  if (caller.authorization.starts_with(kBearer)) return is_token(caller.authorization.substr(kBearer.size()));
  for (const auto& part : split(caller.cookie, ';')) {
    const auto cookie = trimmed(part);
    if (cookie.starts_with(kCookie)) return is_token(cookie.substr(kCookie.size()));
  }
  return false;
}

bool Guard::is_token(std::string_view received) const { return !token_.empty() && are_equal(received, token_); }

std::string Guard::cookie() const {
  return std::string(kCookie) + token_ + "; Path=/; HttpOnly; SameSite=Strict; Max-Age=31536000";
}

}  // namespace forger
