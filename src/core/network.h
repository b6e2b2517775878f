#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace forger {

/// A way from this machine to another: addresses in figures, of either end. Both empty: there is none.
struct Route {
  std::string own, other;
};

/// How this machine reaches `host`, by its tables alone: nothing is sent.
Route route_to(const std::string& host, uint16_t port);

/// Under which address the processes of a team, each with its route to rank 0, reach this one. A machine often knows
/// itself by a name whose address only it can reach (127.0.1.1 of Debian); then what the others call rank 0 tells,
/// where that is this machine. "": none is known.
std::string own_address(const Route& own, const std::vector<Route>& all);

/// Breaks this process's connections to that port once the other end has not answered for so long, as whoever waits at
/// one would do so for many minutes where a network is lost.
void break_silent_connections(uint16_t port, double seconds);

}  // namespace forger
