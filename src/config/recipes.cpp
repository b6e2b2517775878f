#include "config/recipes.h"

#include <algorithm>
#include <string_view>

#include "config/parse.h"
#include "core/embedded.h"
#include "core/fail.h"
#include "core/text.h"
#include "core/utf8.h"
#include "forger/config.h"

namespace forger {
namespace {

constexpr Embedded kRecipes[] = {
#include "embedded_recipes.inc"
};

/// The comment that a recipe begins with, without its marks.
std::string header(std::string_view toml) {
  std::string text;
  while (toml.starts_with('#')) {
    const auto end = std::min(toml.find('\n'), toml.size());
    text += trimmed(toml.substr(1, end - 1)) + "\n";
    toml.remove_prefix(std::min(end + 1, toml.size()));
  }
  return trimmed(text);
}

}  // namespace

std::string recipe_toml(const std::string& name) {
  std::vector<std::string> names;
  for (const auto& recipe : kRecipes) {
    if (recipe.name == name) return std::string(recipe.text);
    names.emplace_back(recipe.name);
  }
  fail("recipe: received \"{}\", accepted: {}{}", for_message(name), join(names), did_you_mean(name, names));
}

Config Config::from_recipe_or_file(const std::string& recipe, std::vector<std::string>* notices) {
  const bool is_file = recipe.ends_with(".toml") || recipe.find('/') != std::string::npos;
  return is_file ? from_file(recipe, notices) : from_recipe(recipe);
}

Config Config::from_recipe(const std::string& name) {
  return parse_config(recipe_toml(name), fmt::format("recipe {}", name), name);
}

std::vector<std::pair<std::string, std::string>> recipes() {
  std::vector<std::pair<std::string, std::string>> found;
  for (const auto& recipe : kRecipes) found.emplace_back(recipe.name, header(recipe.text));
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace forger
