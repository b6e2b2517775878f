// Draws 64 images with a trained model: sample MODEL|RUN GRID.png
#include <forger/forger.h>

#include <cstdio>

int main(int argument_count, char** arguments) try {
  if (argument_count != 3) throw forger::Error("usage: sample MODEL|RUN GRID.png");
  const auto model = forger::Model::load(arguments[1]);
  forger::save_grid(arguments[2], model.sample(64));
} catch (const forger::Error& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
