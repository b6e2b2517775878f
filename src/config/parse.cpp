#include "config/parse.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <vector>

#include "config/checked_toml.h"
#include "config/sections.h"
#include "config/value.h"
#include "core/fail.h"
#include "core/text.h"
#include "core/utf8.h"

namespace forger {
namespace {

/// toml++ 3.3 sorts characters beyond ASCII into kinds by code that is undefined for some of them
/// (github.com/marzer/tomlplusplus/issues/190 and 295). It therefore gets each of their bytes, and the mark
/// itself, as a mark and two hexadecimal digits, which mean the same to TOML wherever such a character may
/// stand. The mark is a letter that TOML gives no meaning to and that the text nowhere writes as an escape
/// (\u0051), which toml++ would turn into a mark of its own making.
class AsciiCode {
 public:
  AsciiCode(std::string_view text, const std::string& name) {
    constexpr std::string_view kMarks = "QJKWGHILMNOPRSVXY";
    const auto free = std::find_if(kMarks.begin(), kMarks.end(), [&](int mark) {
      const auto escapes = {fmt::format("u{:04x}", mark), fmt::format("u{:04X}", mark), fmt::format("U{:08x}", mark),
                            fmt::format("U{:08X}", mark)};
      return std::none_of(escapes.begin(), escapes.end(),
                          [&](const std::string& escape) { return text.find(escape) != text.npos; });
    });
    if (free == kMarks.end()) fail("{}: received escapes of all of {}, accepted: letters as they are", name, kMarks);
    mark_ = *free;
  }

  std::string encoded(std::string_view text) const {
    std::string ascii;
    ascii.reserve(text.size());
    for (const char c : text) {
      const auto byte = static_cast<unsigned char>(c);
      if (byte >= 0x80 || c == mark_) {
        ascii += fmt::format("{}{:02X}", mark_, byte);
      } else {
        ascii += c;
      }
    }
    return ascii;
  }

  /// The inverse. Leaves a mark that stands by itself, as messages of toml++ may hold.
  std::string decoded(std::string_view ascii) const {
    std::string text;
    for (size_t i = 0; i < ascii.size(); ++i) {
      const std::string_view digits = ascii.substr(i + 1, 2);
      unsigned char byte = 0;
      const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), byte, 16);
      if (ascii[i] == mark_ && digits.size() == 2 && error == std::errc() && end == digits.data() + 2) {
        text += static_cast<char>(byte);
        i += 2;
      } else {
        text += ascii[i];
      }
    }
    return text;
  }

 private:
  char mark_ = 0;
};

toml::table parse_toml(std::string_view text, const AsciiCode& code, const std::string& name) {
  try {
    return toml::parse(code.encoded(text));
  } catch (const toml::parse_error& error) {
    fail("{}:{}: {}", name, error.source().begin.line, for_message(code.decoded(error.description())));
  } catch (const std::logic_error&) {
    fail("{}: no valid TOML", name);
  }
}

/// One `key = value` of the file, its key written out from the root.
struct Entry {
  std::string key;
  const toml::node* node;
  toml::source_index line;
};

/// The names of the tables.
std::vector<std::string> table_names() {
  std::vector<std::string> names;
  for (const auto& section : sections()) {
    if (!section.name.empty()) names.push_back(section.name);
  }
  return names;
}

bool is_table_name(std::string_view name) {
  return !name.empty() && std::any_of(sections().begin(), sections().end(),
                                      [&](const Section& section) { return section.name == name; });
}

std::vector<Entry> entries(const toml::table& root, const AsciiCode& code) {
  std::vector<Entry> found;
  for (const auto& [key, node] : root) {
    const std::string name = code.decoded(key.str());
    if (!node.is_table() || !is_table_name(name)) {
      found.push_back({name, &node, key.source().begin.line});
      continue;
    }
    for (const auto& [inner, value] : *node.as_table()) {
      found.push_back({name + "." + code.decoded(inner.str()), &value, inner.source().begin.line});
    }
  }
  // toml++ sorts by key; a person mends a file from the top.
  std::stable_sort(found.begin(), found.end(), [](const Entry& a, const Entry& b) { return a.line < b.line; });
  return found;
}

Value value_of(const toml::node& node, const AsciiCode& code) {
  if (const auto* known = node.as_boolean()) return known->get();
  if (const auto* known = node.as_integer()) return known->get();
  if (const auto* known = node.as_floating_point()) return known->get();
  if (const auto* known = node.as_string()) return code.decoded(known->get());
  if (const auto* list = node.as_array()) {
    std::vector<int64_t> numbers;
    for (const auto& element : *list) {
      if (!element.is_integer()) return Unfit{"a list that holds more than whole numbers"};
      numbers.push_back(element.as_integer()->get());
    }
    return numbers;
  }
  return Unfit{node.is_table() ? "a table" : "a date or time"};
}

[[noreturn]] void refuse_key(const Entry& entry, const std::string& where) {
  if (is_table_name(entry.key)) fail("{}: received one value, accepted: a table [{}]", where, entry.key);
  if (entry.node->is_table()) {
    fail("{}: unknown table [{}]{}, accepted: {}", where, for_message(entry.key),
         did_you_mean(entry.key, table_names()), join(table_names()));
  }
  fail("{}: unknown key{}", where, did_you_mean_key(entry.key));
}

}  // namespace

Config parse_config(std::string_view text, const std::string& name, const std::string& recipe,
                    std::vector<std::string>* notices) {
  if (!is_utf8(text)) fail("{}: received bytes that are no UTF-8, accepted: TOML", name);
  const AsciiCode code(text, name);
  const toml::table root = parse_toml(text, code, name);
  Config config;
  config.recipe = recipe;
  std::set<const Option*> taken;
  for (const auto& entry : entries(root, code)) {
    const std::string where = fmt::format("{}:{}: {}", name, entry.line, for_message(entry.key));
    const Option* old = find_by_old_key(entry.key);
    const Option* option = old ? old : find_option(entry.key);
    if (!option) refuse_key(entry, where);
    if (!taken.insert(option).second) {
      fail("{}: {} stands here under its old and its present name, accepted: one of them", where, option->key);
    }
    assign(*option, config, value_of(*entry.node, code), where);
    if (old && notices) notices->push_back(fmt::format("{}:{}: {}", name, entry.line, old_key_notice(*old)));
  }
  return config;
}

}  // namespace forger
