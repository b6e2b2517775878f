#include "config/recipes.h"

#include <memory>
#include <string>

#include "commands/commands.h"
#include "commands/output.h"
#include "core/text.h"
#include "forger/config.h"

namespace forger::commands {
namespace {

struct RecipesOptions {
  std::string name;
  bool all = false;
};

void list() {
  for (const auto& [name, header] : recipes()) {
    print("{:<24}{}\n", name, first_line(header));
  }
  print("\nforger recipes NAME shows one, forger train DATA --recipe NAME trains it.\n");
}

}  // namespace

void add_recipes(Program& program) {
  auto options = std::make_shared<RecipesOptions>();
  auto* command = program.app.add_subcommand("recipes", "List the recipes that come with Forger, or show one");
  command->add_option("recipe", options->name, "The recipe to show");
  command->add_flag("--all", options->all, "Show every key with its explanation, not only those that the recipe sets");
  command->callback([options] {
    if (options->name.empty()) {
      list();
    } else if (options->all) {
      print("{}", Config::from_recipe(options->name).to_toml());
    } else {
      print("{}", recipe_toml(options->name));
    }
  });
}

}  // namespace forger::commands
