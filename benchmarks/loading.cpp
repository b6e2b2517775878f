// How fast Forger brings images from files to batches: load_images DATA SIZE IMAGES WORKERS
// Nothing is kept between epochs. Prints one JSON object, as peers/loading.py does.
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "data/batches.h"
#include "data/open.h"
#include "forger/error.h"

int main(int argument_count, char** arguments) try {
  if (argument_count != 5) throw forger::Error("usage: load_images DATA SIZE IMAGES WORKERS");
  const int64_t size = std::atoll(arguments[2]);
  const int64_t images = std::atoll(arguments[3]);
  forger::DataOptions options;
  options.source = arguments[1];
  options.size = {size, size};
  options.channels = 3;
  options.held_out = 0;
  forger::BatchOptions batch_options;
  batch_options.cache_bytes = 0;
  batch_options.workers = std::atoll(arguments[4]);
  forger::Batches batches(forger::open_data(options).training, batch_options);

  batches.next(64);  // threads start
  const auto start = std::chrono::steady_clock::now();
  for (int64_t done = 0; done < images; done += 64) batches.next(64);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  std::printf("{\"images_per_second\": %.1f}\n", static_cast<double>((images + 63) / 64 * 64) / seconds.count());
} catch (const forger::Error& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
