#pragma once

#include <gmock/gmock.h>

#include <cstdint>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "core/team.h"
#include "core/team_store.h"

namespace forger {

/// Calls `work` as each of so many processes, which are threads here, and returns what went wrong in each.
inline std::vector<std::string> as_team(int64_t size, const std::function<void(Team&)>& work,
                                        bool shares_memory = true) {
  const TeamStore store;
  std::vector<std::string> errors(static_cast<size_t>(size));
  std::vector<std::jthread> threads;
  for (int64_t rank = 0; rank < size; ++rank) {
    threads.emplace_back([&, rank] {
      try {
        const auto team = join_team({.rank = rank,
                                     .size = size,
                                     .port = store.port(),
                                     .starter_keeps_store = true,
                                     .timeout_seconds = 20,
                                     .shares_memory = shares_memory});
        work(*team);
      } catch (const std::exception& error) {
        errors[static_cast<size_t>(rank)] = error.what();
      }
    });
  }
  threads.clear();
  return errors;
}

/// The same through memory and through the network, where nothing is to go wrong.
inline void expect_good(int64_t size, const std::function<void(Team&)>& work) {
  for (const bool shares_memory : {true, false}) {
    EXPECT_THAT(as_team(size, work, shares_memory), testing::Each("")) << shares_memory;
  }
}

}  // namespace forger
