#include "core/network.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace forger {
namespace {

TEST(NetworkTest, ARouteHasBothEndsOrNone) {
  const auto route = route_to("127.0.0.1", 29500);
  EXPECT_EQ(route.own, "127.0.0.1");
  EXPECT_EQ(route.other, "127.0.0.1");
  EXPECT_EQ(route_to("no-such-host.invalid", 29500).own, "");
}

TEST(NetworkTest, AnAddressThatOthersReachIsTakenAndOneOfAnotherMachineIsNot) {
  const Route by_cable{"192.0.2.7", "192.0.2.1"}, by_itself{"127.0.0.1", "127.0.1.1"};
  EXPECT_EQ(own_address(by_cable, {by_itself, by_cable}), "192.0.2.7");
  // 192.0.2.0/24 is for documents, so that no machine has it; `test_machines_slow.py` has some that do.
  EXPECT_EQ(own_address(by_itself, {by_itself, by_cable}), "127.0.0.1");
  EXPECT_EQ(own_address({}, {by_itself, {}}), "");
}

TEST(NetworkTest, OnlyConnectionsToThePortAreLimited) {
  const int server = ::socket(AF_INET, SOCK_STREAM, 0), client = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  ASSERT_EQ(::bind(server, generic, size), 0);
  ASSERT_EQ(::getsockname(server, generic, &size), 0);
  ASSERT_EQ(::listen(server, 1), 0);
  ASSERT_EQ(::connect(client, generic, size), 0);
  const auto milliseconds = [&] {
    int value = -1;
    socklen_t length = sizeof value;
    EXPECT_EQ(::getsockopt(client, IPPROTO_TCP, TCP_USER_TIMEOUT, &value, &length), 0);
    return value;
  };
  const uint16_t port = ntohs(address.sin_port);
  break_silent_connections(port == 1 ? 2 : 1, 2.5);
  EXPECT_EQ(milliseconds(), 0);
  break_silent_connections(port, 2.5);
  EXPECT_EQ(milliseconds(), 2500);
  ::close(client);
  ::close(server);
}

}  // namespace
}  // namespace forger
