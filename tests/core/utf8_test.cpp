#include "core/utf8.h"

#include <gtest/gtest.h>

namespace forger {
namespace {

TEST(Utf8Test, WellFormedTextIsAccepted) {
  for (const char* text :
       {"", "plain", "äöü", "€", "😀", "\xED\x9F\xBF", "\xEE\x80\x80", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_TRUE(is_utf8(text)) << text;
  }
}

/// The ill-formed sequences of the Unicode standard's table 3-7.
TEST(Utf8Test, IllFormedBytesAreRefused) {
  for (const char* text : {"\x80", "\xC0\x80", "\xC1\xBF", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xED\xBF\xBF",
                           "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF", "\xC3",
                           "\xE2\x82", "\xF0\x9F\x98", "\xC3(", "a\xE2(\xA1"}) {
    EXPECT_FALSE(is_utf8(text));
  }
}

TEST(ForMessageTest, IsOneShortLineOfUtf8) {
  EXPECT_EQ(for_message("größe"), "größe");
  EXPECT_EQ(for_message("a\nb\x7f\xff"), "a\\x0ab\\x7f\\xff");
  EXPECT_EQ(for_message(std::string(100, 'x')), std::string(80, 'x') + "…");
  EXPECT_EQ(for_message(std::string(79, 'x') + "ää"), std::string(79, 'x') + "ä…");
}

}  // namespace
}  // namespace forger
