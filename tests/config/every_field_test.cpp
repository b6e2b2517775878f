#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <limits>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "config/schema.h"
#include "core/files.h"

namespace forger {
namespace {

/// The structs of forger/config.h, and of the headers of options that it includes, as they stand there: each one's
/// base, and its fields with their types.
struct ParsedStruct {
  std::string base;
  std::vector<std::pair<std::string, std::string>> fields;  // type, name
};

std::map<std::string, ParsedStruct> structs_of_config() {
  const auto folder = std::filesystem::path(FORGER_TEST_DATA).parent_path().parent_path() / "include/forger";
  std::string text = read_file(folder / "config.h");
  for (const char* part : {"data", "game", "player", "training"})
    text += read_file(folder / (std::string(part) + "_options.h"));
  std::istringstream lines(text);
  const std::regex opens(R"(struct (\w+)(?: : (\w+))? \{)");
  const std::regex field(R"(  (?!static |return |bool operator|using )([\w:<>]+) (\w+)( = [^()]*)?;)");
  std::map<std::string, ParsedStruct> structs;
  ParsedStruct* inside = nullptr;
  for (std::string line; std::getline(lines, line);) {
    std::smatch match;
    if (std::regex_match(line, match, opens)) {
      inside = &structs[match[1]];
      inside->base = match[2];
    } else if (line == "};") {
      inside = nullptr;
    } else if (inside && std::regex_match(line, match, field)) {
      inside->fields.emplace_back(match[1], match[2]);
    } else if (inside && line.ends_with(';')) {
      EXPECT_THAT(line, testing::HasSubstr(")")) << "neither a field that this test can read nor a function";
    }
  }
  return structs;
}

/// "generator.width" and so on, of every field.
std::set<std::string> keys_of_fields() {
  const auto structs = structs_of_config();
  std::set<std::string> keys;
  for (const auto& [type, section] : structs.at("Config").fields) {
    if (!structs.contains(type)) keys.insert(section);
    for (std::string name = type; structs.contains(name); name = structs.at(name).base) {
      for (const auto& field : structs.at(name).fields) keys.insert(section + "." + field.second);
    }
  }
  return keys;
}

TEST(EveryFieldTest, OfTheConfigurationIsAnOption) {
  std::set<std::string> keys;
  for (const auto& option : options()) keys.insert(option.key);
  EXPECT_EQ(keys, keys_of_fields());
}

TEST(EveryFieldTest, ThatIsANumberHasARangeAndALineOfHelp) {
  Config config;
  for (const auto& option : options()) {
    EXPECT_FALSE(option.explanation.empty()) << option.key;
    EXPECT_EQ(option.explanation.find('\n'), std::string::npos) << option.key;
    const Place place = option.place(config);
    if (std::holds_alternative<bool*>(place) || std::holds_alternative<std::string*>(place)) continue;
    EXPECT_GT(option.accepted.least, std::numeric_limits<double>::lowest()) << option.key;
    EXPECT_LT(option.accepted.most, std::numeric_limits<double>::max()) << option.key;
  }
}

}  // namespace
}  // namespace forger
