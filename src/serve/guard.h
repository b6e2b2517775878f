#pragma once

#include <string>
#include <string_view>

namespace forger {

/// What a request says of itself, from its headers; empty where it does not.
struct Caller {
  std::string host, origin;
  /// "cross-site", "same-origin" … (Fetch Metadata, W3C).
  std::string fetch_site, fetch_mode;
  std::string authorization, cookie;
};

/// Keeps pages of other places, and people without the token, away from a server. A browser on this machine may have
/// any page open; its requests arrive from this machine, too.
class Guard {
 public:
  /// `host`: the one that the server listens on; `token`: empty where none is asked for.
  Guard(std::string host, std::string token);

  /// Whether a caller is on a page of ours, or no page: not one of another place, and not one whose name was made to
  /// lead here (DNS rebinding).
  bool comes_from_here(const Caller& caller) const;
  /// Whether it has the token, where one is asked for: in "Authorization: Bearer", or in our cookie.
  bool may_enter(const Caller& caller) const;
  bool is_token(std::string_view received) const;
  bool asks_for_token() const { return !token_.empty(); }
  /// What "Set-Cookie" says to a browser that gave the token.
  std::string cookie() const;

 private:
  std::string host_, token_;
};

/// Whether a host is this machine to itself: "localhost", "127.0.0.1", "::1".
bool is_loopback(std::string_view host);

}  // namespace forger
