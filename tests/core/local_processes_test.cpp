#include "core/local_processes.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "forger/error.h"

namespace forger {
namespace {

/// An environment variable, as long as this lives.
class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) { ::setenv(name, value, 1); }
  ~Variable() { ::unsetenv(name_); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
};

TEST(LocalProcessesTest, OneAloneIsTheFirstOfOne) {
  EXPECT_EQ(local_processes(), 1);
  EXPECT_EQ(local_rank(), 0);
}

TEST(LocalProcessesTest, EveryStarterSaysWhichOneItIs) {
  for (const char* name : {"LOCAL_RANK", "OMPI_COMM_WORLD_LOCAL_RANK", "MPI_LOCALRANKID", "SLURM_LOCALID"}) {
    const Variable rank(name, "3");
    EXPECT_EQ(local_rank(), 3) << name;
  }
  for (const char* name : {"LOCAL_WORLD_SIZE", "OMPI_COMM_WORLD_LOCAL_SIZE"}) {
    const Variable size(name, "8");
    EXPECT_EQ(local_processes(), 8) << name;
  }
  const Variable slurm("SLURM_LOCALID", "0"), torchrun("LOCAL_RANK", "2");
  EXPECT_EQ(local_rank(), 2);
}

TEST(LocalProcessesTest, WhatIsNoNumberOfAProcessIsRefused) {
  for (const char* text : {"-1", "two", "1.5"}) {
    const Variable rank("LOCAL_RANK", text);
    EXPECT_THROW(local_rank(), Error) << text;
  }
  const Variable size("LOCAL_WORLD_SIZE", "0");
  EXPECT_THROW(local_processes(), Error);
}

}  // namespace
}  // namespace forger
