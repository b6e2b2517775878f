#include <c10/util/Exception.h>
#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <string>

#include "build_constants.h"
#include "commands/commands.h"
#include "forger/error.h"

namespace {

/// What happened, without the many lines of where in LibTorch.
std::string first_line(const c10::Error& error) {
  const std::string all = error.what_without_backtrace();
  return all.substr(0, all.find('\n'));
}

}  // namespace

int main(int argument_count, char** arguments) {
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
  forger::commands::add_evaluate(program);
  forger::commands::add_info(program);
  forger::commands::add_recipes(program);
  forger::commands::add_judge(program);
  forger::commands::add_data(program);
  forger::commands::add_completion(program);
  try {
    app.parse(argument_count, arguments);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  } catch (const c10::OutOfMemoryError& error) {
    fmt::print(stderr, "forger: {}; a smaller training.batch_size or smaller networks need less\n", first_line(error));
    return 2;
  } catch (const c10::Error& error) {
    fmt::print(stderr, "forger: LibTorch: {}\n", first_line(error));
    return 2;
  } catch (const std::exception& error) {
    fmt::print(stderr, "forger: {}\n", error.what());
    return 2;
  }
  return exit_code;
}
