#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "forger/run.h"

namespace forger {

/// Reads a journal as it grows.
class JournalFollower {
 public:
  explicit JournalFollower(std::filesystem::path path) : path_(std::move(path)) {}

  /// Hands the lines that are new to `take`, which says whether it understood the line. Before that it calls `forget`
  /// where what was read before is void: the training went back to a checkpoint, or the file is another one. Returns
  /// whether anything was handed over or forgotten. Throws Error when the file cannot be read.
  bool read(const std::function<bool(const std::string&)>& take, const std::function<void()>& forget);

  /// Whole lines that were not understood.
  int64_t unreadable() const { return unreadable_; }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
  JournalPlace place_;
  int64_t unreadable_ = 0;
};

}  // namespace forger
