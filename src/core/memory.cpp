#include "core/memory.h"

#include <c10/core/Allocator.h>
#include <c10/util/Exception.h>
#include <c10/util/ThreadLocalDebugInfo.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <memory>
#include <new>
#include <string>
#include <string_view>

namespace forger {
namespace {

constexpr int64_t kUnlimited = std::numeric_limits<int64_t>::max();

/// The number behind `key` in a file of lines, or the file's first where there is no key.
int64_t number_in(const char* path, std::string_view key, int64_t otherwise) {
  std::ifstream file(path);
  std::string word;
  while (!key.empty() && file >> word && word != key) {
  }
  int64_t number = 0;
  return file >> number ? number : otherwise;
}

class PeakBytes : public c10::MemoryReportingInfoBase {
 public:
  void reportMemoryUsage(void*, int64_t size, size_t, size_t, c10::Device) override {
    now_ += size;
    most_ = std::max(most_, now_);
  }
  bool memoryProfilingEnabled() const override { return true; }
  int64_t most() const { return most_; }

 private:
  int64_t now_ = 0, most_ = 0;
};

}  // namespace

int64_t free_memory_bytes() {
  constexpr int64_t kKibibyte = 1024;
  int64_t left = kUnlimited;
  if (const auto machine = number_in("/proc/meminfo", "MemAvailable:", -1); machine >= 0) left = machine * kKibibyte;
  const auto limit = number_in("/sys/fs/cgroup/memory.max", "", kUnlimited);
  if (limit != kUnlimited) left = std::min(left, limit - number_in("/sys/fs/cgroup/memory.current", "", 0));
  rlimit of_process{};
  if (::getrlimit(RLIMIT_AS, &of_process) == 0 && of_process.rlim_cur != RLIM_INFINITY) {
    const auto pages = number_in("/proc/self/statm", "", 0);
    left = std::min(left, static_cast<int64_t>(of_process.rlim_cur) - pages * ::sysconf(_SC_PAGESIZE));
  }
  return std::max<int64_t>(left, 0);
}

int64_t peak_tensor_bytes(const std::function<void()>& work) {
  const auto peak = std::make_shared<PeakBytes>();
  const c10::DebugInfoGuard counts(c10::DebugInfoKind::PROFILER_STATE, peak);
  work();
  return peak->most();
}

void keep_freed_memory() {
#ifdef __GLIBC__
  constexpr int kLargestBytes = 1 << 30;
  ::mallopt(M_MMAP_THRESHOLD, kLargestBytes);
  ::mallopt(M_TRIM_THRESHOLD, kLargestBytes);
#endif
}

bool is_out_of_memory() {
  try {
    throw;
  } catch (const std::bad_alloc&) {
    return true;
  } catch (const c10::OutOfMemoryError&) {
    return true;
  } catch (const c10::Error& error) {
    // What LibTorch's allocator of main memory says, and oneDNN.
    const std::string_view what = error.what();
    return what.find("DefaultCPUAllocator") != what.npos || what.find("out of memory") != what.npos;
  } catch (const std::exception& error) {
    return std::string_view(error.what()).find("could not create a memory") != std::string_view::npos;
  } catch (...) {
    return false;
  }
}

}  // namespace forger
