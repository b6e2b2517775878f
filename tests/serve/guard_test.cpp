#include "serve/guard.h"

#include <gtest/gtest.h>

namespace forger {
namespace {

Caller caller(const std::string& host, const std::string& origin = "") {
  Caller caller;
  caller.host = host;
  caller.origin = origin;
  return caller;
}

TEST(GuardTest, NamesOfThisMachineAreLetIn) {
  const Guard guard("127.0.0.1", "");
  for (const char* host : {"127.0.0.1:7860", "localhost:7860", "LocalHost", "[::1]:7860", "127.0.0.1:9000"}) {
    EXPECT_TRUE(guard.comes_from_here(caller(host))) << host;
  }
}

TEST(GuardTest, NamesThatWereMadeToLeadHereAreNot) {
  const Guard guard("127.0.0.1", "");
  for (const char* host :
       {"evil.example:7860", "localhost.evil.example", "", "127.evil.example:7860", "[", "0.0.0.0"}) {
    EXPECT_FALSE(guard.comes_from_here(caller(host))) << host;
  }
}

TEST(GuardTest, OtherPagesMayNotAsk) {
  const Guard guard("127.0.0.1", "");
  EXPECT_TRUE(guard.comes_from_here(caller("localhost:7860", "http://localhost:7860")));
  for (const char* origin :
       {"http://evil.example", "http://localhost:8000", "null", "https://127.0.0.1:7860", "localhost:7860"}) {
    EXPECT_FALSE(guard.comes_from_here(caller("localhost:7860", origin))) << origin;
  }
  Caller embedding = caller("localhost:7860");
  embedding.fetch_site = "cross-site";
  embedding.fetch_mode = "no-cors";
  EXPECT_FALSE(guard.comes_from_here(embedding));
  embedding.fetch_mode = "navigate";  // a link that a person followed
  EXPECT_TRUE(guard.comes_from_here(embedding));
}

TEST(GuardTest, ATokenIsAskedForWhereThereIsOne) {
  const Guard guard("0.0.0.0", "secret-1");
  Caller some = caller("192.168.0.7:7860");
  EXPECT_TRUE(guard.comes_from_here(some));
  EXPECT_FALSE(guard.may_enter(some));
  for (const char* wrong : {"Bearer", "Bearer ", "Bearer secret-2", "Bearer secret-11", "Bearer secret", "secret-1"}) {
    some.authorization = wrong;
    EXPECT_FALSE(guard.may_enter(some)) << wrong;
  }
  some.authorization = "Bearer secret-1";
  EXPECT_TRUE(guard.may_enter(some));
  some.authorization.clear();
  some.cookie = "other=1; forger_token=secret-1";
  EXPECT_TRUE(guard.may_enter(some));
  some.cookie = "forger_token=";
  EXPECT_FALSE(guard.may_enter(some));
}

TEST(GuardTest, WithoutATokenNothingIsOne) {
  const Guard guard("127.0.0.1", "");
  EXPECT_FALSE(guard.is_token(""));
  EXPECT_TRUE(guard.may_enter(caller("localhost")));
}

}  // namespace
}  // namespace forger
