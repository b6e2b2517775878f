#include "core/utf8.h"

#include <gtest/gtest.h>

#include "core/json.h"
#include "core/text.h"

namespace forger {
namespace {

TEST(Utf8Test, WellFormedTextIsAccepted) {
  for (const char* text : {"", "plain", "äöü", "€", "😀", "\xED\x9F\xBF", "\xEE\x80\x80", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_TRUE(is_utf8(text)) << text;
  }
}

/// The ill-formed sequences of the Unicode standard's table 3-7.
TEST(Utf8Test, IllFormedBytesAreRefused) {
  for (const char* text :
       {"\x80", "\xC0\x80", "\xC1\xBF", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xED\xBF\xBF", "\xF0\x8F\xBF\xBF",
        "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF", "\xC3", "\xE2\x82", "\xF0\x9F\x98", "\xC3(", "a\xE2(\xA1"}) {
    EXPECT_FALSE(is_utf8(text));
  }
}

TEST(ForMessageTest, IsOneShortLineOfUtf8) {
  EXPECT_EQ(for_message("größe"), "größe");
  EXPECT_EQ(for_message("a\nb\x7f\xff"), "a\\x0ab\\x7f\\xff");
  EXPECT_EQ(for_message(std::string(100, 'x')), std::string(80, 'x') + "…");
  EXPECT_EQ(for_message(std::string(79, 'x') + "ää"), std::string(79, 'x') + "ä…");
}

TEST(PrintableTest, NothingSteersATerminalOrAReader) {
  EXPECT_EQ(printable("plain größe 😀 \xE2\x80\x8D"), "plain größe 😀 \xE2\x80\x8D");
  EXPECT_EQ(printable("a\x1b[31mb\r\n\t"), "a\\x1b[31mb\\x0d\\x0a\\x09");
  EXPECT_EQ(printable("\xC2\x9B"
                      "31m"),
            "\\xc2\\x9b31m");                                                   // CSI as one character
  EXPECT_EQ(printable("cat\xE2\x80\xAEgpj.exe"), "cat\\xe2\\x80\\xaegpj.exe");  // right to left
  EXPECT_EQ(printable("\xFF\xC3("), "\\xff\\xc3(");
  EXPECT_EQ(printable(std::string("a\0b", 3)), "a\\x00b");
  EXPECT_EQ(printable(printable("\x1b")), printable("\x1b"));
  EXPECT_EQ(printable(std::string(300, 'x')).size(), 300u);
}

TEST(CsvFieldTest, IsPrintableAndQuotedWhereItMustBe) {
  EXPECT_EQ(csv_field("a.png"), "a.png");
  EXPECT_EQ(csv_field("a,\"b\""), "\"a,\"\"b\"\"\"");
  EXPECT_EQ(csv_field("a\nb"), "a\\x0ab");
  EXPECT_EQ(csv_field("\x1b]0;x\x07"), "\\x1b]0;x\\x07");
}

TEST(JsonTextTest, CharactersThatSteerStandAsNumbers) {
  const nlohmann::ordered_json json{{"a\x7f",
                                     "\xC2\x9B"
                                     "b\x1b\n"},
                                    {"c", "\xFF"}};
  EXPECT_EQ(json_text(json), "{\"a\\u007f\":\"\\u009bb\\u001b\\n\",\"c\":\"\xEF\xBF\xBD\"}");
  EXPECT_EQ(nlohmann::ordered_json::parse(json_text(json))["a\x7f"],
            "\xC2\x9B"
            "b\x1b\n");
  EXPECT_EQ(json_text({{"a", 1}}, 1), "{\n \"a\": 1\n}");
}

}  // namespace
}  // namespace forger
