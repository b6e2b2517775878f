#include "core/attendance.h"

#include <unistd.h>
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "core/clock.h"
#include "core/fail.h"
#include "core/network.h"
#include "core/team.h"
#include "core/team_store.h"
#include "core/text.h"

namespace forger {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// Under this key stands who is gone, after the rank that is to tell people.
constexpr const char* kGone = "gone";
constexpr int64_t kNobody = -1;
constexpr auto kBeat = milliseconds(500);
constexpr auto kPoll = milliseconds(2);
/// A connection that broke has its reason: one whose beats are missing for so long after that is it.
constexpr double kBrokenSeconds = 3;

std::string host_name() {
  std::string name(256, '\0');
  if (::gethostname(name.data(), name.size() - 1) != 0) return "unknown";
  return name.c_str();
}

/// Those who were started again do not read what was said before.
std::string store_prefix(int64_t restarts) { return fmt::format("forger/{}", restarts); }

c10::intrusive_ptr<c10d::Store> open_store(const TeamOptions& options, bool keeps) {
  c10d::TCPStoreOptions store;
  store.port = options.port;
  store.isServer = keeps;
  store.waitWorkers = false;
  store.timeout = timeout_of(options);
  auto opened = c10::make_intrusive<c10d::TCPStore>(options.address, store);
  break_silent_connections(options.port, options.timeout_seconds);
  return c10::make_intrusive<c10d::PrefixStore>(store_prefix(options.restarts), std::move(opened));
}

std::vector<uint8_t> bytes_of(const std::string& text) { return {text.begin(), text.end()}; }

/// What stands under kGone. Rank 0 tells people; where it is the one that is gone, the next one does.
std::string news_of(int64_t gone, const std::string& host, const std::string& what, bool said) {
  const int64_t teller = said ? kNobody : gone == 0 ? 1 : 0;
  return fmt::format("{} rank {}{} {}", teller, gone, host.empty() ? "" : " on " + host, what);
}

c10::intrusive_ptr<c10d::Store> met_store(const TeamOptions& options) {
  const bool keeps = options.rank == 0 && !options.starter_keeps_store;
  try {
    return open_store(options, keeps);
  } catch (const std::exception& error) {
    const std::string reason = error.what();
    if (keeps) {
      fail("MASTER_PORT: received {}, accepted: a free port of {} ({})", options.port, options.address,
           first_line(reason));
    }
    throw TeamError(fmt::format("rank {} on {} found no rank 0 at {}:{} within {:g} s", options.rank, host_name(),
                                options.address, options.port, options.timeout_seconds),
                    /*is_told=*/false);
  }
}

}  // namespace

milliseconds timeout_of(const TeamOptions& options) {
  return duration_cast<milliseconds>(std::chrono::duration<double>(options.timeout_seconds));
}

/// Writes again and again that its process is alive.
class Attendance::Heart {
 public:
  Heart(c10::intrusive_ptr<c10d::Store> store, int64_t rank)
      : store_(std::move(store)), key_(fmt::format("alive/{}", rank)), thread_([this] { beat(); }) {}
  ~Heart() {
    {
      const std::lock_guard lock(mutex_);
      ends_ = true;
    }
    end_.notify_all();
    thread_.join();
  }

 private:
  void beat() {
    for (int64_t beats = 1;; ++beats) {
      try {
        store_->set(key_, bytes_of(std::to_string(beats)));
      } catch (const std::exception&) {
        return;  // who keeps the store is gone: those who wait for something will notice
      }
      std::unique_lock lock(mutex_);
      if (end_.wait_for(lock, kBeat, [this] { return ends_; })) return;
    }
  }

  c10::intrusive_ptr<c10d::Store> store_;
  std::string key_;
  std::mutex mutex_;
  std::condition_variable end_;
  bool ends_ = false;
  std::thread thread_;
};

Attendance::Attendance(const TeamOptions& options)
    : options_(options),
      store_(met_store(options)),
      hosts_(static_cast<size_t>(options.size)),
      last_beats_(static_cast<size_t>(options.size)),
      started_(steady_clock::now()) {
  const auto own = route_to(options.address, options.port);
  std::vector<Route> routes;
  for (const auto& text : texts(host_name() + "\n" + own.own + "\n" + own.other)) {
    auto lines = split(text, '\n');
    lines.resize(3);  // another version of the program, which is refused later, may say less
    hosts_[routes.size()] = lines[0];
    routes.push_back({lines[1], lines[2]});
  }
  address_ = own_address(own, routes);
  heart_ = std::make_unique<Heart>(open_store(options, false), options.rank);
}

Attendance::~Attendance() = default;

std::vector<std::string> Attendance::texts(const std::string& mine) {
  const int64_t number = texts_++;
  const auto key = [&](int64_t rank) { return fmt::format("text/{}/{}", number, rank); };
  std::vector<std::string> all;
  try {
    store_->set(key(options_.rank), bytes_of("=" + mine));  // an empty value is none
    for (int64_t i = 0; i < options_.size; ++i) {
      while (!store_->check({key(i)})) {
        look_around(options_.timeout_seconds);
        std::this_thread::sleep_for(kPoll);
      }
      const auto bytes = store_->get(key(i));
      all.emplace_back(bytes.begin() + 1, bytes.end());
    }
  } catch (const TeamError&) {
    throw;
  } catch (const std::exception&) {
    lost_store();
  }
  return all;
}

void Attendance::leave(const std::string& reason) {
  broken_ = true;
  try {
    store_->set(fmt::format("left/{}", options_.rank), bytes_of(reason));
  } catch (const std::exception&) {
    // Nobody is there to be told.
  }
}

/// Throws TeamError where one has left, or has not beaten for so long.
void Attendance::look_around(double patience) {
  try {
    if (store_->check({kGone})) tell(store_->get(kGone));
    for (int64_t i = 0; i < options_.size; ++i) {
      if (i != options_.rank) look_at(i, patience);
    }
  } catch (const TeamError&) {
    throw;
  } catch (const std::exception&) {
    lost_store();
  }
}

void Attendance::look_at(int64_t other, double patience) {
  const auto left = fmt::format("left/{}", other), alive = fmt::format("alive/{}", other);
  if (store_->check({left})) {
    const auto reason = store_->get(left);
    // It has said so itself where it is the one that people listen to.
    gone(other, fmt::format("left: {}", std::string(reason.begin(), reason.end())), /*said=*/other == 0);
  }
  if (has_ended_(other)) gone(other, "has ended");
  auto& last = last_beats_[static_cast<size_t>(other)];
  const bool has_begun = store_->check({alive});
  if (has_begun) {
    const auto bytes = store_->get(alive);
    std::string count(bytes.begin(), bytes.end());
    if (count != last.count) last = {std::move(count), steady_clock::now()};
  }
  const auto since = last.count.empty() ? started_ : last.since;
  if (seconds_since(since) < patience) return;
  gone(other, has_begun ? fmt::format("does not answer any more (for {:g} s)", patience)
                        : fmt::format("did not come within {:g} s", patience));
}

/// Whoever finds first that one is gone says so to all, as those who leave for that reason are soon missed, too.
void Attendance::gone(int64_t other, const std::string& what, bool said) {
  broken_ = true;
  tell(store_->compareSet(kGone, {}, bytes_of(news_of(other, hosts_[static_cast<size_t>(other)], what, said))));
}

void Attendance::tell(const std::vector<uint8_t>& bytes) {
  broken_ = true;
  const std::string news(bytes.begin(), bytes.end());
  const auto space = news.find(' ');
  throw TeamError(news.substr(space + 1), std::to_string(options_.rank) != news.substr(0, space));
}

void Attendance::lost_store() {
  broken_ = true;
  throw TeamError(fmt::format("rank 0 at {} does not answer any more", options_.address), options_.rank != 1);
}

void Attendance::lost_connection(const std::string& reason) {
  broken_ = true;
  const auto start = steady_clock::now();
  for (auto& beat : last_beats_) beat.since = start;
  const double patience = std::min(kBrokenSeconds, options_.timeout_seconds);
  while (seconds_since(start) < patience + 1) {
    look_around(patience);
    std::this_thread::sleep_for(kBeat / 4);
  }
  throw TeamError("the connection between the processes broke: " + first_line(reason), options_.rank != 0);
}

class TeamStore::Implementation {
 public:
  c10d::TCPStore store{"127.0.0.1", [] {
                         c10d::TCPStoreOptions options;
                         options.port = 0;
                         options.isServer = true;
                         options.waitWorkers = false;
                         return options;
                       }()};
};

TeamStore::TeamStore() : implementation_(std::make_unique<Implementation>()) {}
TeamStore::~TeamStore() = default;
uint16_t TeamStore::port() const { return implementation_->store.getPort(); }

void TeamStore::say_gone(int64_t rank, const std::string& what) {
  const auto news = bytes_of(news_of(rank, host_name(), what, /*said=*/false));
  implementation_->store.compareSet(store_prefix(/*restarts=*/0) + "/" + kGone, {}, news);
}

}  // namespace forger
