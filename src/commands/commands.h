#pragma once

#include <CLI/CLI.hpp>

namespace forger::commands {

/// The program that commands add themselves to. A command's callback sets `exit_code`: 0 done, 1 done with a negative
/// answer (a check found losses, a training diverged); 2 is what main() gives for an Error; 3 done for some of the
/// images that were given, and the others named.
struct Program {
  CLI::App& app;
  int& exit_code;
};

void add_train(Program& program);
void add_resume(Program& program);
void add_sample(Program& program);
void add_reconstruct(Program& program);
void add_restore(Program& program);
void add_detect(Program& program);
void add_upscale(Program& program);
void add_translate(Program& program);
void add_evaluate(Program& program);
void add_import(Program& program);
void add_export(Program& program);
void add_info(Program& program);
void add_recipes(Program& program);
void add_data(Program& program);
void add_judge(Program& program);
void add_serve(Program& program);
void add_watch(Program& program);
void add_completion(Program& program);

}  // namespace forger::commands
