#include "config/parse.h"

#include <toml++/toml.h>

#include <algorithm>
#include <vector>

#include "config/value.h"
#include "core/fail.h"
#include "core/text.h"
#include "core/utf8.h"

namespace forger {
namespace {

/// One `key = value` of the file, its key written out from the root.
struct Entry {
  std::string key;
  const toml::node* node;
  toml::source_index line;
};

bool is_section(std::string_view name) {
  return std::any_of(options().begin(), options().end(), [&](const Option& option) {
    return option.key.size() > name.size() && option.key.starts_with(name) && option.key[name.size()] == '.';
  });
}

std::vector<std::string> sections() {
  std::vector<std::string> names;
  for (const auto& option : options()) {
    const auto dot = option.key.find('.');
    if (dot == std::string::npos) continue;
    const auto name = option.key.substr(0, dot);
    if (names.empty() || names.back() != name) names.push_back(name);
  }
  return names;
}

std::vector<Entry> entries(const toml::table& root) {
  std::vector<Entry> found;
  for (const auto& [key, node] : root) {
    const std::string name(key.str());
    if (!node.is_table() || !is_section(name)) {
      found.push_back({name, &node, key.source().begin.line});
      continue;
    }
    for (const auto& [inner, value] : *node.as_table()) {
      found.push_back({name + "." + std::string(inner.str()), &value, inner.source().begin.line});
    }
  }
  // toml++ sorts by key; a person mends a file from the top.
  std::stable_sort(found.begin(), found.end(),
                   [](const Entry& a, const Entry& b) { return a.line < b.line; });
  return found;
}

Value value_of(const toml::node& node) {
  if (const auto* known = node.as_boolean()) return known->get();
  if (const auto* known = node.as_integer()) return known->get();
  if (const auto* known = node.as_floating_point()) return known->get();
  if (const auto* known = node.as_string()) return known->get();
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
  if (is_section(entry.key)) fail("{}: received one value, accepted: a table [{}]", where, entry.key);
  if (entry.node->is_table()) {
    fail("{}: unknown table [{}]{}, accepted: {}", where, for_message(entry.key),
         did_you_mean(entry.key, sections()), join(sections()));
  }
  fail("{}: unknown key{}", where, did_you_mean_key(entry.key));
}

}  // namespace

Config parse_config(std::string_view text, const std::string& name, const std::string& recipe) {
  toml::table root;
  try {
    root = toml::parse(text, name);
  } catch (const toml::parse_error& error) {
    fail("{}:{}: {}", name, error.source().begin.line, for_message(error.description()));
  }
  Config config;
  config.recipe = recipe;
  for (const auto& entry : entries(root)) {
    const std::string where = fmt::format("{}:{}: {}", name, entry.line, for_message(entry.key));
    const Option* option = find_option(entry.key);
    if (!option) refuse_key(entry, where);
    assign(*option, config, value_of(*entry.node), where);
  }
  return config;
}

}  // namespace forger
