#include "forger/config.h"

#include "config/parse.h"
#include "config/value.h"
#include "core/fail.h"
#include "core/files.h"
#include "core/text.h"
#include "core/utf8.h"

namespace forger {
namespace {

/// The longest recipe that people write has a hundred lines; this keeps a wrong path from filling the memory.
constexpr uintmax_t kMostBytes = 1 << 20;

bool is_of_autoencoding(const Option& option) {
  const auto section = option.key.substr(0, option.key.find('.'));
  return section == "encoder" || section == "code_discriminator" || section == "pixel_discriminator" ||
         section == "autoencoding" || section == "detector";
}

}  // namespace

Config Config::from_file(const std::filesystem::path& path) {
  std::error_code ignored;
  const auto bytes = std::filesystem::file_size(path, ignored);
  if (!ignored && bytes > kMostBytes) {
    fail("{}: received {}, accepted: a recipe (TOML) of at most {}", path.string(),
         format_bytes(static_cast<double>(bytes)), format_bytes(static_cast<double>(kMostBytes)));
  }
  return parse_config(read_file(path), path.string(), path.stem().string());
}

void Config::set(const std::string& key, const std::string& value) {
  const Option* option = find_option(key);
  if (!option) fail("{}: unknown key{}", for_message(key), did_you_mean_key(key));
  assign(*option, *this, value_from_text(*option, value), key);
}

std::string Config::to_toml() const {
  std::string toml;
  std::string section;
  const Config untouched;
  for (const auto& option : options()) {
    // What only another game reads would be noise, unless somebody has set it.
    const bool read = game == "autoencoding" || !is_of_autoencoding(option);
    if (!read && value_in_toml(option, *this) == value_in_toml(option, untouched)) continue;
    const auto dot = option.key.find('.');
    const std::string name = option.key.substr(dot + 1);
    if (dot != std::string::npos && option.key.substr(0, dot) != section) {
      section = option.key.substr(0, dot);
      toml += fmt::format("\n[{}]\n", section);
    }
    toml += fmt::format("# {} Accepted: {}.\n{} = {}\n", option.explanation, accepted_in_words(option), name,
                        value_in_toml(option, *this));
  }
  return toml;
}

}  // namespace forger
