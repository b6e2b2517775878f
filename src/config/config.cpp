#include "forger/config.h"

#include "config/game_table.h"
#include "config/parse.h"
#include "config/sections.h"
#include "config/value.h"
#include "core/fail.h"
#include "core/files.h"
#include "core/text.h"
#include "core/utf8.h"

namespace forger {
namespace {

/// The longest recipe that people write has a hundred lines; this keeps a wrong path from filling the memory.
constexpr uintmax_t kMostBytes = 1 << 20;

}  // namespace

Config Config::from_file(const std::filesystem::path& path, std::vector<std::string>* notices) {
  std::error_code ignored;
  const auto bytes = std::filesystem::file_size(path, ignored);
  if (!ignored && bytes > kMostBytes) {
    fail("{}: received {}, accepted: a recipe (TOML) of at most {}", path.string(),
         format_bytes(static_cast<double>(bytes)), format_bytes(static_cast<double>(kMostBytes)));
  }
  return parse_config(read_file(path), path.string(), path.stem().string(), notices);
}

void Config::set(const std::string& key, const std::string& value, std::vector<std::string>* notices) {
  const Option* old = find_by_old_key(key);
  const Option* option = old ? old : find_option(key);
  if (!option) fail("{}: unknown key{}", for_message(key), did_you_mean_key(key));
  assign(*option, *this, value_from_text(*option, value), key);
  if (old && notices) notices->push_back(old_key_notice(*old));
}

void Config::check() const {
  for (const auto& option : options()) check_value(option, *this);
  for (const auto& section : sections()) {
    if (section.check) section.check(*this);
  }
  if (auto* check = game_named(game).check) check(*this);
}

bool Config::has_discriminator() const {
  auto* has = game_named(game).has_discriminator;
  return !has || has(*this);
}

double Config::discriminator_joins() const {
  auto* joins = game_named(game).discriminator_joins;
  return joins && has_discriminator() ? joins(*this) : 0;
}

std::string Config::to_toml() const {
  std::string toml;
  const Config untouched;
  for (const auto& section : sections()) {
    const bool read = reads_section(game, section.name);
    bool titled = section.name.empty();
    for (const auto& option : section.options) {
      // What only another game reads would be noise, unless somebody has set it.
      const std::string value = value_in_toml(option, *this);
      if (!read && value == value_in_toml(option, untouched)) continue;
      if (!titled) toml += fmt::format("\n[{}]\n", section.name);
      titled = true;
      toml += fmt::format("# {} Accepted: {}.\n{} = {}\n", option.explanation, accepted_in_words(option),
                          option.key.substr(option.key.find('.') + 1), value);
    }
  }
  return toml;
}

}  // namespace forger
