#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "forger/config.h"
#include "forger/error.h"
#include "networks/catalog.h"
#include "objectives/catalog.h"

namespace forger {
namespace {

/// The words that a configuration accepts for a key, read from the message that refuses another one.
std::set<std::string> accepted_words(const std::string& key) {
  std::string message;
  try {
    Config().set(key, "?");
  } catch (const Error& error) {
    message = error.what();
  }
  const std::string start = "accepted: ";
  std::set<std::string> words;
  std::string rest = message.substr(std::min(message.find(start), message.size() - start.size()) + start.size());
  for (size_t comma = 0; comma != std::string::npos; rest = rest.substr(std::min(comma + 2, rest.size()))) {
    comma = rest.find(", ");
    words.insert(rest.substr(0, comma));
    if (comma == std::string::npos) break;
  }
  return words;
}

std::set<std::string> set_of(const std::vector<std::string>& names) { return {names.begin(), names.end()}; }

TEST(NamesTest, ConfigurationsAcceptExactlyWhatTheCatalogsKnow) {
  EXPECT_EQ(accepted_words("generator.network"), set_of(generator_names()));
  EXPECT_EQ(accepted_words("discriminator.network"), set_of(discriminator_names()));
  EXPECT_EQ(accepted_words("encoder.network"), set_of(encoder_names()));
  EXPECT_EQ(accepted_words("translator.network"), set_of(translator_names()));
  EXPECT_EQ(accepted_words("objective.name"), set_of(objective_names()));
}

}  // namespace
}  // namespace forger
