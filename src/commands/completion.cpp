#include <fmt/format.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "commands/commands.h"
#include "commands/output.h"
#include "config/schema.h"
#include "core/text.h"
#include "forger/config.h"

namespace forger::commands {
namespace {

using Words = std::vector<std::string>;

/// An option or a positional of a command, as completion sees it.
struct Parameter {
  Words flags;  ///< "--recipe", "-r"; empty for a positional
  bool takes_value = false;
  bool is_key = false;  ///< key=value, completed up to the "="
  Words values;         ///< known values; empty: files
  std::string description;
};

/// A command with everything that can follow it.
struct Command {
  std::string path;  ///< "" for the program, "/data/check" for a command in a command
  std::string description;
  std::vector<Parameter> parameters;
  std::vector<Command> commands;

  std::string name() const { return path.substr(path.rfind('/') + 1); }
};

/// Words of a CLI::IsMember check, which stand in the option's type: "TEXT:{bash,zsh,fish}".
Words member_words(const std::string& type) {
  const auto begin = type.find('{'), end = type.find('}');
  Words words;
  if (begin == std::string::npos || end == std::string::npos) return words;
  std::string word;
  for (const char c : type.substr(begin + 1, end - begin - 1) + ",") {
    if (c != ',') {
      word += c;
    } else {
      words.push_back(std::exchange(word, ""));
    }
  }
  return words;
}

Parameter parameter_of(const CLI::Option& option) {
  Parameter parameter;
  for (const auto& name : option.get_lnames()) parameter.flags.push_back(fmt::format("--{}", name));
  for (const auto& name : option.get_snames()) parameter.flags.push_back(fmt::format("-{}", name));
  parameter.takes_value = option.get_items_expected_max() > 0;
  parameter.values = member_words(option.get_type_name());
  parameter.description = first_line(option.get_description());
  if (option.get_single_name() == "recipe") {
    for (const auto& [name, header] : recipes()) parameter.values.push_back(name);
  }
  if (option.get_single_name() == "set") {
    parameter.is_key = true;
    for (const auto& key : forger::options()) parameter.values.push_back(key.key + "=");
  }
  return parameter;
}

Command command_of(const CLI::App& app, const std::string& path) {
  Command command{path, first_line(app.get_description()), {}, {}};
  for (const auto* option : app.get_options()) {
    if (!option->get_group().empty()) command.parameters.push_back(parameter_of(*option));
  }
  for (const auto* inner : app.get_subcommands([](const CLI::App*) { return true; })) {
    command.commands.push_back(command_of(*inner, fmt::format("{}/{}", path, inner->get_name())));
  }
  return command;
}

/// The command and all below it.
std::vector<const Command*> flattened(const Command& command) {
  std::vector<const Command*> all{&command};
  for (const auto& inner : command.commands) {
    for (const auto* below : flattened(inner)) all.push_back(below);
  }
  return all;
}

/// All words that may follow a command: commands, options, known values of positionals.
Words following_words(const Command& command) {
  Words words;
  for (const auto& inner : command.commands) words.push_back(inner.name());
  for (const auto& parameter : command.parameters) {
    const Words& more = parameter.flags.empty() ? parameter.values : parameter.flags;
    words.insert(words.end(), more.begin(), more.end());
  }
  return words;
}

/// `text` in single quotes; `quote` is how the shell writes a single quote there.
std::string in_quotes(const std::string& text, const std::string& quote) {
  std::string result = "'";
  for (const char c : text) result += c == '\'' ? quote : std::string(1, c);
  return result + "'";
}

std::string bash_quoted(const std::string& text) { return in_quotes(text, "'\\''"); }
std::string fish_quoted(const std::string& text) { return in_quotes(text, "\\'"); }

/// `/train|/data|/data/check`: the cases in which one more word makes a longer command.
std::string command_pattern(const Command& program) {
  Words paths;
  for (const auto* command : flattened(program)) {
    if (!command->path.empty()) paths.push_back(command->path);
  }
  return join(paths, "|");
}

std::string bash_script(const Command& program) {
  std::string values, following;
  for (const auto* command : flattened(program)) {
    following += fmt::format("    {}) words={} ;;\n", bash_quoted(command->path),
                             bash_quoted(join(following_words(*command), " ")));
    for (const auto& parameter : command->parameters) {
      if (parameter.flags.empty() || !parameter.takes_value) continue;
      Words cases;
      for (const auto& flag : parameter.flags) cases.push_back(bash_quoted(fmt::format("{} {}", command->path, flag)));
      values += fmt::format("    {}) words={}; {}value=1 ;;\n", join(cases, "|"),
                            bash_quoted(join(parameter.values, " ")), parameter.is_key ? "compopt -o nospace; " : "");
    }
  }
  return fmt::format(R"script(# bash completion for forger: eval "$(forger completion bash)"
_forger() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD-1]}}
  local command='' value='' words='' word
  for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
    case "$command/$word" in {}) command="$command/$word" ;; esac
  done
  case "$command $previous" in
{}  esac
  [[ $value ]] || case "$command" in
{}  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}}
complete -o default -o bashdefault -F _forger forger
)script",
                     command_pattern(program), values, following);
}

std::string zsh_items(const Command& command) {
  std::string items;
  const auto add = [&](const std::string& word, const std::string& description) {
    items += fmt::format(" {}", bash_quoted(fmt::format("{}:{}", word, description)));
  };
  for (const auto& inner : command.commands) add(inner.name(), inner.description);
  for (const auto& parameter : command.parameters) {
    for (const auto& word : parameter.flags.empty() ? parameter.values : parameter.flags) {
      add(word, parameter.description);
    }
  }
  return items;
}

std::string zsh_script(const Command& program) {
  std::string values, following;
  for (const auto* command : flattened(program)) {
    following += fmt::format("    ({}) items=({}) ;;\n", bash_quoted(command->path), zsh_items(*command));
    for (const auto& parameter : command->parameters) {
      if (parameter.flags.empty() || !parameter.takes_value) continue;
      Words cases;
      for (const auto& flag : parameter.flags) cases.push_back(bash_quoted(fmt::format("{} {}", command->path, flag)));
      const std::string action =
          parameter.values.empty()
              ? "_files"
              : fmt::format("compadd {}-- {}", parameter.is_key ? "-S '' " : "", join(parameter.values, " "));
      values += fmt::format("    ({}) {}; return ;;\n", join(cases, "|"), action);
    }
  }
  return fmt::format(R"script(#compdef forger
# zsh completion for forger: eval "$(forger completion zsh)"
_forger() {{
  local command='' word
  local -a items
  for word in ${{words[2,CURRENT-1]}}; do
    case "$command/$word" in ({}) command="$command/$word" ;; esac
  done
  case "$command ${{words[CURRENT-1]}}" in
{}  esac
  case "$command" in
{}  esac
  _describe forger items
  _files
}}
if [[ $funcstack[1] == _forger ]]; then _forger "$@"; else compdef _forger forger; fi
)script",
                     command_pattern(program), values, following);
}

std::string fish_condition(const Command& command) {
  Words inner;
  for (const auto& below : command.commands) inner.push_back(below.name());
  if (command.path.empty()) return "__fish_use_subcommand";
  std::string condition;
  std::string path = command.path.substr(1);
  for (auto slash = path.find('/'); !path.empty(); slash = path.find('/')) {
    condition +=
        fmt::format("{}__fish_seen_subcommand_from {}", condition.empty() ? "" : "; and ", path.substr(0, slash));
    path = slash == std::string::npos ? "" : path.substr(slash + 1);
  }
  if (inner.empty()) return condition;
  return fmt::format("{}; and not __fish_seen_subcommand_from {}", condition, join(inner, " "));
}

std::string fish_script(const Command& program) {
  std::string script = "# fish completion for forger: forger completion fish | source\n";
  for (const auto* command : flattened(program)) {
    const std::string start = fmt::format("complete -c forger -n {}", fish_quoted(fish_condition(*command)));
    for (const auto& inner : command->commands) {
      script += fmt::format("{} -f -a {} -d {}\n", start, inner.name(), fish_quoted(inner.description));
    }
    for (const auto& parameter : command->parameters) {
      std::string line = start;
      for (const auto& flag : parameter.flags) {
        line += flag.starts_with("--") ? fmt::format(" -l {}", flag.substr(2)) : fmt::format(" -s {}", flag.substr(1));
      }
      const bool known = !parameter.values.empty();
      if (parameter.flags.empty() && !known) continue;  // files, as fish does by itself
      if (known) {
        line +=
            fmt::format(" {} -a {}", parameter.flags.empty() ? "-f" : "-x", fish_quoted(join(parameter.values, " ")));
      }
      if (!known) line += parameter.takes_value ? " -r" : " -f";
      script += fmt::format("{} -d {}\n", line, fish_quoted(parameter.description));
    }
  }
  return script;
}

}  // namespace

void add_completion(Program& program) {
  auto shell = std::make_shared<std::string>();
  auto* command =
      program.app.add_subcommand("completion", "Print a script that completes forger's commands in a shell");
  command->add_option("shell", *shell, "The shell")->required()->check(CLI::IsMember({"bash", "zsh", "fish"}));
  command->callback([shell, &app = program.app] {
    const Command words = command_of(app, "");
    const auto script = *shell == "bash" ? bash_script : *shell == "zsh" ? zsh_script : fish_script;
    print("{}", script(words));
  });
}

}  // namespace forger::commands
