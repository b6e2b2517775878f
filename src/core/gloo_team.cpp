#include <fmt/ranges.h>
#include <unistd.h>
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "core/clock.h"
#include "core/fail.h"
#include "core/network.h"
#include "core/shared_memory.h"
#include "core/team.h"
#include "core/team_store.h"
#include "core/text.h"
#include "core/torch.h"

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
/// How long a check takes is not known here; beats say who is alive.
constexpr auto kForever = std::chrono::hours(24 * 365);
/// A wait for the others is broken off so often to look whether they are there.
constexpr auto kLook = milliseconds(1000);
/// A connection that broke has its reason: one whose beats are missing for so long after that is it.
constexpr double kBrokenSeconds = 3;

std::string host_name() {
  std::string name(256, '\0');
  if (::gethostname(name.data(), name.size() - 1) != 0) return "unknown";
  return name.c_str();
}

milliseconds seconds_to_wait(const TeamOptions& options) {
  return duration_cast<milliseconds>(std::chrono::duration<double>(options.timeout_seconds));
}

/// Those who were started again do not read what was said before.
std::string store_prefix(int64_t restarts) { return fmt::format("forger/{}", restarts); }

c10::intrusive_ptr<c10d::Store> open_store(const TeamOptions& options, bool keeps) {
  c10d::TCPStoreOptions store;
  store.port = options.port;
  store.isServer = keeps;
  store.waitWorkers = false;
  store.timeout = seconds_to_wait(options);
  auto opened = c10::make_intrusive<c10d::TCPStore>(options.address, store);
  break_silent_connections(options.port, options.timeout_seconds);
  return c10::make_intrusive<c10d::PrefixStore>(store_prefix(options.restarts), std::move(opened));
}

/// The interfaces that GLOO_SOCKET_IFNAME names, by comma, or the one of this address.
std::vector<std::shared_ptr<gloo::transport::Device>> devices(const std::string& address) {
  const char* names = std::getenv("GLOO_SOCKET_IFNAME");
  if (names == nullptr || *names == '\0') {
    if (address.empty()) return {c10d::ProcessGroupGloo::createDefaultDevice()};
    return {c10d::ProcessGroupGloo::createDeviceForHostname(address)};
  }
  std::vector<std::shared_ptr<gloo::transport::Device>> devices;
  for (const auto& name : split(names, ',')) {
    try {
      devices.push_back(c10d::ProcessGroupGloo::createDeviceForInterface(name));
    } catch (const std::exception&) {
      fail("GLOO_SOCKET_IFNAME: received {}, accepted: names of network interfaces that have an address, such as eth0",
           names);
    }
  }
  return devices;
}

std::vector<uint8_t> bytes_of(const std::string& text) { return {text.begin(), text.end()}; }

/// What stands under kGone. Rank 0 tells people; where it is the one that is gone, the next one does.
std::string news_of(int64_t gone, const std::string& host, const std::string& what, bool said) {
  const int64_t teller = said ? kNobody : gone == 0 ? 1 : 0;
  return fmt::format("{} rank {}{} {}", teller, gone, host.empty() ? "" : " on " + host, what);
}

/// Writes again and again that its process is alive.
class Heart {
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

class GlooTeam : public Team {
 public:
  explicit GlooTeam(const TeamOptions& options) : Team(options), options_(options) {
    store_ = met_store(options);
    last_beats_.resize(static_cast<size_t>(size()));
    hosts_.assign(static_cast<size_t>(size()), "");
    started_ = steady_clock::now();
    const auto own = route_to(options.address, options.port);
    std::vector<Route> routes;
    for (const auto& text : texts(host_name() + "\n" + own.own + "\n" + own.other)) {
      auto lines = split(text, '\n');
      lines.resize(3);  // another version of the program, which is refused later, may say less
      hosts_[routes.size()] = lines[0];
      routes.push_back({lines[1], lines[2]});
    }
    heart_ = std::make_unique<Heart>(open_store(options, false), rank());
    auto gloo = c10d::ProcessGroupGloo::Options::create();
    gloo->timeout = seconds_to_wait(options);
    gloo->devices = in_team(this, [&] { return devices(own_address(own, routes)); });
    texts("");  // one that has no device does not come to the connections
    try {
      group_ = c10::make_intrusive<c10d::ProcessGroupGloo>(c10::make_intrusive<c10d::PrefixStore>("gloo", store_),
                                                           static_cast<int>(rank()), static_cast<int>(size()), gloo);
    } catch (const std::exception& error) {
      lost_connection(error.what());
    }
    group_->setTimeout(kForever);
    texts("");  // one that leaves at once would close connections that others still make
    if (options.shares_memory) share_memory();
  }

  ~GlooTeam() override {
    heart_.reset();
    // Its threads may wait for a process that is gone.
    if (broken_) (void)group_.release();
  }

  using Team::sum;
  void sum(const std::vector<at::Tensor>& numbers, double factor) override {
    const auto is_in_memory = [](const at::Tensor& tensor) {
      return tensor.is_cpu() && tensor.is_non_overlapping_and_dense();
    };
    if (memory_ && std::ranges::all_of(numbers, is_in_memory)) {
      memory_->sum(numbers, factor);
      for (const auto& tensor : numbers) count_bytes(static_cast<int64_t>(tensor.nbytes()));
      return;
    }
    if (numbers.empty()) return;
    Message message(numbers);
    on_processor(message.numbers(), [&](at::Tensor& there) {
      if (memory_) return memory_->sum({there}, factor);
      std::vector<at::Tensor> sent{there};
      wait(group_->allreduce(sent));
      if (factor != 1) there.mul_(factor);
    });
    message.deliver();
  }

  bool sums_meanwhile(const at::Tensor& numbers) const override { return !memory_ && numbers.is_cpu(); }

  std::function<void()> begin_sum(const std::vector<at::Tensor>& numbers, double factor) override {
    Message message(numbers);
    std::vector<at::Tensor> sent{message.numbers()};
    auto work = group_->allreduce(sent);
    count_bytes(static_cast<int64_t>(message.numbers().nbytes()));
    return [this, message = std::move(message), work = std::move(work), factor]() mutable {
      wait(work);
      torch::NoGradGuard no_grad;
      if (factor != 1) message.numbers().mul_(factor);
      message.deliver();
    };
  }

  at::Tensor gather(const at::Tensor& rows) override {
    torch::NoGradGuard no_grad;
    const auto mine = rows.detach().cpu().contiguous();
    auto shape = mine.sizes().vec();
    shape[0] *= size();
    auto all = at::empty(shape, mine.options());
    if (memory_) {
      memory_->gather(mine, all);
    } else {
      std::vector<std::vector<at::Tensor>> parts{all.chunk(size())};
      std::vector<at::Tensor> message{mine};
      wait(group_->allgather(parts, message));
    }
    count_bytes(mine.nbytes() * (size() - 1));
    return all.to(rows.device());
  }

  using Team::share;
  void share(const at::Tensor& numbers) override {
    on_processor(numbers, [&](at::Tensor& there) {
      if (memory_) return memory_->share(there);
      std::vector<at::Tensor> message{there};
      wait(group_->broadcast(message));
    });
  }

  std::vector<std::string> texts(const std::string& mine) override {
    const int64_t number = texts_++;
    const auto key = [&](int64_t rank) { return fmt::format("text/{}/{}", number, rank); };
    std::vector<std::string> all;
    try {
      store_->set(key(rank()), bytes_of("=" + mine));  // an empty value is none
      for (int64_t i = 0; i < size(); ++i) {
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

  void leave(const std::string& reason) override {
    broken_ = true;
    try {
      store_->set(fmt::format("left/{}", rank()), bytes_of(reason));
    } catch (const std::exception&) {
      // Nobody is there to be told.
    }
  }

  void look() override {
    if (seconds_since(looked_) < duration_cast<std::chrono::duration<double>>(kLook).count()) return;
    looked_ = steady_clock::now();
    look_around(options_.timeout_seconds);
  }

 private:
  struct Beat {
    std::string count;
    steady_clock::time_point since;
  };

  static c10::intrusive_ptr<c10d::Store> met_store(const TeamOptions& options) {
    const bool keeps = options.rank == 0 && !options.starter_keeps_store;
    try {
      return open_store(options, keeps);
    } catch (const std::exception& error) {
      const std::string reason = error.what();
      if (keeps) {
        fail("MASTER_PORT: received {}, accepted: a free port of {} ({})", options.port, options.address,
             reason.substr(0, reason.find('\n')));
      }
      throw TeamError(fmt::format("rank {} on {} found no rank 0 at {}:{} within {:g} s", options.rank, host_name(),
                                  options.address, options.port, options.timeout_seconds),
                      /*is_told=*/false);
    }
  }

  /// Where all are on one machine, numbers need no network.
  void share_memory() {
    const auto look = [this] { look_around(options_.timeout_seconds); };
    auto memory = rank() == 0 ? SharedMemory::make(size(), look) : nullptr;
    const auto address = text(memory ? memory->address() : "");
    if (rank() != 0) memory = SharedMemory::open(address, rank(), size(), look);
    if (all(memory != nullptr)) memory_ = std::move(memory);
  }

  template <class Send>
  void on_processor(const at::Tensor& numbers, const Send& send) {
    torch::NoGradGuard no_grad;
    auto there = numbers.cpu();
    send(there);
    count_bytes(there.nbytes());
    if (!numbers.is_cpu()) at::Tensor(numbers).copy_(there);
  }

  void wait(const c10::intrusive_ptr<c10d::Work>& work) {
    while (true) {
      try {
        work->wait(kLook);
        return;
      } catch (const std::exception& error) {
        if (work->isCompleted()) lost_connection(error.what());
      }
      look_around(options_.timeout_seconds);
    }
  }

  /// Throws TeamError where one has left, or has not beaten for so long.
  void look_around(double patience) {
    try {
      if (store_->check({kGone})) tell(store_->get(kGone));
      for (int64_t i = 0; i < size(); ++i) {
        if (i != rank()) look_at(i, patience);
      }
    } catch (const TeamError&) {
      throw;
    } catch (const std::exception&) {
      lost_store();
    }
  }

  void look_at(int64_t other, double patience) {
    const auto left = fmt::format("left/{}", other), alive = fmt::format("alive/{}", other);
    if (store_->check({left})) {
      const auto reason = store_->get(left);
      // It has said so itself where it is the one that people listen to.
      gone(other, fmt::format("left: {}", std::string(reason.begin(), reason.end())), /*said=*/other == 0);
    }
    if (memory_ && memory_->has_ended(other)) gone(other, "has ended");
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
  [[noreturn]] void gone(int64_t other, const std::string& what, bool said = false) {
    broken_ = true;
    tell(store_->compareSet(kGone, {}, bytes_of(news_of(other, hosts_[static_cast<size_t>(other)], what, said))));
  }

  [[noreturn]] void tell(const std::vector<uint8_t>& bytes) {
    broken_ = true;
    const std::string news(bytes.begin(), bytes.end());
    const auto space = news.find(' ');
    throw TeamError(news.substr(space + 1), std::to_string(rank()) != news.substr(0, space));
  }

  [[noreturn]] void lost_store() {
    broken_ = true;
    throw TeamError(fmt::format("rank 0 at {} does not answer any more", options_.address), rank() != 1);
  }

  [[noreturn]] void lost_connection(const std::string& reason) {
    broken_ = true;
    const auto start = steady_clock::now();
    for (auto& beat : last_beats_) beat.since = start;
    const double patience = std::min(kBrokenSeconds, options_.timeout_seconds);
    while (seconds_since(start) < patience + 1) {
      look_around(patience);
      std::this_thread::sleep_for(kBeat / 4);
    }
    throw TeamError("the connection between the processes broke: " + reason.substr(0, reason.find('\n')), rank() != 0);
  }

  TeamOptions options_;
  c10::intrusive_ptr<c10d::Store> store_;
  c10::intrusive_ptr<c10d::ProcessGroupGloo> group_;
  std::unique_ptr<Heart> heart_;
  std::unique_ptr<SharedMemory> memory_;
  std::vector<std::string> hosts_;
  std::vector<Beat> last_beats_;
  steady_clock::time_point started_, looked_;
  int64_t texts_ = 0;
  bool broken_ = false;
};

}  // namespace

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

std::shared_ptr<Team> join_team(const TeamOptions& options) {
  // What goes wrong is said by TeamError, in one line.
  FLAGS_caffe2_log_level = c10::GLOG_FATAL;
  return std::make_shared<GlooTeam>(options);
}

}  // namespace forger
