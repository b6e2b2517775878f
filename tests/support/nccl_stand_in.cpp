// Stands in for NCCL where there is no GPU: its functions, for numbers in main memory and for processes that are
// threads of one. FORGER_STAND_IN=refuse: nobody is connected; spoil: what arrives is not what was sent.
#include <array>
#include <condition_variable>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace {

struct Invitation {
  std::array<char, 128> bytes;
};

/// Those who were invited together. A turn of theirs ends when all have come.
struct Circle {
  std::vector<const void*> sent;
  size_t here = 0;
  int64_t turns = 0;
  std::condition_variable turn_ends;
};

struct Seat {
  Circle* circle;
  size_t rank;
};

std::mutex mutex;
/// Never ends: a thread that waits for nobody is left alone in it.
auto& circles = *new std::map<std::string, Circle>;

bool wants(const char* what) {
  const char* wanted = std::getenv("FORGER_STAND_IN");
  return wanted != nullptr && std::strcmp(wanted, what) == 0;
}

void meet(Circle& circle, std::unique_lock<std::mutex>& lock) {
  const auto turn = circle.turns;
  if (++circle.here == circle.sent.size()) {
    circle.here = 0;
    ++circle.turns;
    circle.turn_ends.notify_all();
  }
  circle.turn_ends.wait(lock, [&] { return circle.turns > turn; });
}

/// Each makes its part of what all send, and receives it once all have made theirs.
int exchange(void* connection, const void* sent, void* received, size_t bytes,
             const std::function<void(const std::vector<const void*>&, char*)>& make) {
  const auto& [circle, rank] = *static_cast<Seat*>(connection);
  std::vector<char> made(bytes);
  std::unique_lock lock(mutex);
  circle->sent[rank] = sent;
  meet(*circle, lock);
  make(circle->sent, made.data());
  meet(*circle, lock);
  if (wants("spoil")) made[0] ^= 1;
  std::memcpy(received, made.data(), bytes);
  return 0;
}

template <class Number>
int add_up(const void* sent, void* received, size_t count, void* connection) {
  return exchange(connection, sent, received, count * sizeof(Number), [&](const auto& all, char* made) {
    for (size_t i = 0; i < count; ++i) {
      for (const void* one : all) reinterpret_cast<Number*>(made)[i] += static_cast<const Number*>(one)[i];
    }
  });
}

}  // namespace

extern "C" {

const char* ncclGetErrorString(int result) { return result == 5 ? "invalid usage" : "internal error"; }

int ncclGetUniqueId(Invitation* invitation) {
  static int made = 0;
  const std::lock_guard lock(mutex);
  invitation->bytes.fill('\xff');
  invitation->bytes.front() = static_cast<char>(++made);
  return 0;
}

int ncclCommInitRank(void** connection, int size, Invitation invitation, int rank) {
  if (wants("refuse")) return 5;
  std::unique_lock lock(mutex);
  auto& circle = circles[{invitation.bytes.data(), invitation.bytes.size()}];
  circle.sent.resize(static_cast<size_t>(size));
  *connection = new Seat{&circle, static_cast<size_t>(rank)};
  meet(circle, lock);
  return 0;
}

int ncclCommDestroy(void* connection) {
  delete static_cast<Seat*>(connection);
  return 0;
}

int ncclCommAbort(void* connection) { return ncclCommDestroy(connection); }

int ncclCommGetAsyncError(void*, int* error) {
  *error = 0;
  return 0;
}

int ncclAllReduce(const void* sent, void* received, size_t count, int type, int /*operation*/, void* connection,
                  void* /*stream*/) {
  switch (type) {
    case 4: return add_up<int64_t>(sent, received, count, connection);
    case 7: return add_up<float>(sent, received, count, connection);
    case 8: return add_up<double>(sent, received, count, connection);
    default: return 4;
  }
}

int ncclAllGather(const void* sent, void* received, size_t bytes, int /*type*/, void* connection, void* /*stream*/) {
  const auto size = static_cast<Seat*>(connection)->circle->sent.size();
  return exchange(connection, sent, received, size * bytes, [&](const auto& all, char* made) {
    for (size_t rank = 0; rank < size; ++rank) std::memcpy(made + rank * bytes, all[rank], bytes);
  });
}

int ncclBroadcast(const void* sent, void* received, size_t bytes, int /*type*/, int root, void* connection,
                  void* /*stream*/) {
  return exchange(connection, sent, received, bytes,
                  [&](const auto& all, char* made) { std::memcpy(made, all[static_cast<size_t>(root)], bytes); });
}

}  // extern "C"
