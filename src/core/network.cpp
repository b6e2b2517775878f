#include "core/network.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <memory>

namespace forger {
namespace {

using Addresses = std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)>;

Addresses addresses_of(const std::string& host, const std::string& port, int flags) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_DGRAM;
  wanted.ai_flags = flags;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), port.c_str(), &wanted, &found) != 0) found = nullptr;
  return {found, &::freeaddrinfo};
}

class Socket {
 public:
  explicit Socket(int family) : file_(::socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {}
  ~Socket() {
    if (file_ >= 0) ::close(file_);
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  int file() const { return file_; }

 private:
  int file_;
};

std::string in_figures(const sockaddr* address, socklen_t size) {
  char host[NI_MAXHOST] = {};
  return ::getnameinfo(address, size, host, sizeof host, nullptr, 0, NI_NUMERICHOST) == 0 ? host : "";
}

bool is_loopback(const std::string& address) { return address.starts_with("127.") || address == "::1"; }

/// Of the other end; 0: not connected, or no socket.
uint16_t port_of_other(int file) {
  sockaddr_storage other{};
  socklen_t size = sizeof other;
  if (::getpeername(file, reinterpret_cast<sockaddr*>(&other), &size) != 0) return 0;
  if (other.ss_family == AF_INET) return ntohs(reinterpret_cast<const sockaddr_in&>(other).sin_port);
  if (other.ss_family == AF_INET6) return ntohs(reinterpret_cast<const sockaddr_in6&>(other).sin6_port);
  return 0;
}

bool is_of_this_machine(const std::string& address) {
  const auto found = addresses_of(address, "0", AI_NUMERICHOST);
  if (!found) return false;
  const Socket socket(found->ai_family);
  return ::bind(socket.file(), found->ai_addr, found->ai_addrlen) == 0;
}

}  // namespace

Route route_to(const std::string& host, uint16_t port) {
  const auto found = addresses_of(host, std::to_string(port), 0);
  for (const addrinfo* other = found.get(); other != nullptr; other = other->ai_next) {
    const Socket socket(other->ai_family);
    sockaddr_storage own{};
    auto* address = reinterpret_cast<sockaddr*>(&own);
    socklen_t size = sizeof own;
    if (::connect(socket.file(), other->ai_addr, other->ai_addrlen) != 0) continue;
    if (::getsockname(socket.file(), address, &size) != 0) continue;
    return {in_figures(address, size), in_figures(other->ai_addr, other->ai_addrlen)};
  }
  return {};
}

std::string own_address(const Route& own, const std::vector<Route>& all) {
  if (!is_loopback(own.own)) return own.own;
  for (const auto& [_, leader] : all) {
    if (!leader.empty() && !is_loopback(leader) && is_of_this_machine(leader)) return leader;
  }
  return own.own;
}

void break_silent_connections(uint16_t port, double seconds) {
  const auto set = [](int file, int level, int option, int value) {
    ::setsockopt(file, level, option, &value, sizeof value);
  };
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd", ignored)) {
    const int file = std::atoi(entry.path().filename().c_str());
    if (port_of_other(file) != port) continue;
    const int probes = 5, between = std::max(1, static_cast<int>(seconds) / probes);
    set(file, SOL_SOCKET, SO_KEEPALIVE, 1);
    set(file, IPPROTO_TCP, TCP_KEEPIDLE, between);
    set(file, IPPROTO_TCP, TCP_KEEPINTVL, between);
    set(file, IPPROTO_TCP, TCP_KEEPCNT, probes);
    set(file, IPPROTO_TCP, TCP_USER_TIMEOUT, static_cast<int>(1000 * seconds));
  }
}

}  // namespace forger
