#include <c10/util/Exception.h>
#include <fmt/format.h>

#include <cstdlib>
#include <exception>
#include <sstream>
#include <string>

#include "build_constants.h"
#include "commands/commands.h"
#include "commands/flags.h"
#include "commands/output.h"
#include "commands/whole_numbers.h"
#include "core/memory.h"
#include "core/text.h"
#include "core/utf8.h"
#include "forger/team.h"

namespace {

/// One line: what happened, without where in LibTorch.
std::string describe(const c10::Error& error) {
  const std::string line = forger::first_line(error.what());
  const std::string on_cpu = "DefaultCPUAllocator: ";
  const auto place = line.find(on_cpu);
  const bool on_device = dynamic_cast<const c10::OutOfMemoryError*>(&error) != nullptr;
  if (place == std::string::npos && !on_device) return "LibTorch: " + line;
  return fmt::format("not enough memory ({}); a smaller training.batch_size, smaller images or networks need less",
                     place == std::string::npos ? line : line.substr(place + on_cpu.size()));
}

/// What the parser has to say: the help, or what is wrong with the arguments. Returns the exit code.
int explain(const CLI::App& app, const CLI::ParseError& error) {
  std::ostringstream output, errors;
  const int code = app.exit(error, output, errors);
  forger::commands::write_output(output.str());
  // A shell may have made arguments of file names.
  for (const auto& line : forger::split(forger::trimmed(errors.str()), '\n')) {
    if (!line.empty()) forger::commands::print_error("{}\n", forger::printable(line));
  }
  return code == 0 ? 0 : 2;
}

int run(int argument_count, char** arguments) {
  CLI::App app{"Forger trains, judges and ships generative adversarial networks.", "forger"};
  app.set_version_flag("--version", std::string("forger " FORGER_VERSION " (" FORGER_REVISION ")"));
  app.require_subcommand(1);
  int exit_code = 0;
  forger::commands::Program program{app, exit_code};
  forger::commands::add_train(program);
  forger::commands::add_resume(program);
  forger::commands::add_sample(program);
  forger::commands::add_reconstruct(program);
  forger::commands::add_restore(program);
  forger::commands::add_detect(program);
  forger::commands::add_upscale(program);
  forger::commands::add_translate(program);
  forger::commands::add_evaluate(program);
  forger::commands::add_import(program);
  forger::commands::add_export(program);
  forger::commands::add_info(program);
  forger::commands::add_recipes(program);
  forger::commands::add_judge(program);
  forger::commands::add_watch(program);
  forger::commands::add_serve(program);
  forger::commands::add_data(program);
  forger::commands::add_completion(program);
  forger::commands::refuse_too_large_numbers(app);
  try {
    app.parse(argument_count, arguments);
  } catch (const CLI::ParseError& error) {
    return explain(app, error);
  } catch (const c10::Error& error) {
    forger::commands::print_error("forger: {}\n", forger::printable(describe(error)));
    return 2;
  } catch (const forger::TeamError& error) {
    if (!error.is_told()) forger::commands::print_error("forger: {}\n", forger::printable(error.what()));
    return 2;
  } catch (const std::exception& error) {
    forger::commands::print_error("forger: {}\n", forger::printable(forger::commands::in_flags(error.what())));
    return 2;
  }
  return exit_code;
}

}  // namespace

// While commands are added, only a mistake of ours throws; it may end the program.
int main(int argument_count, char** arguments) {  // NOLINT(bugprone-exception-escape)
  forger::commands::open_standard_files();
  forger::keep_freed_memory();
  const int exit_code = run(argument_count, arguments);
  const int code = forger::commands::close_output() ? exit_code : 2;
#ifdef __SANITIZE_ADDRESS__
  return code;  // so that leaks are looked for
#else
  // All of ours is gone. LibTorch would take down thousands of registered operators, a third of the time of a short
  // call.
  std::_Exit(code);
#endif
}
