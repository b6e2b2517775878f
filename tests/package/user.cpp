#include <forger/config.h>
#include <forger/error.h>

#include <cstdio>

// Shows that headers, library and LibTorch of an installed Forger fit: reads a recipe and changes it.
int main() {
  try {
    auto config = forger::Config::from_recipe("fast");
    config.set("training.batch_size", "32");
    std::printf("%s with batches of %lld\n", config.recipe.c_str(), static_cast<long long>(config.training.batch_size));
  } catch (const forger::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  return 0;
}
