#include "serve/http_server.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>

#include "core/fail.h"
#include "core/json.h"
#include "core/text.h"
#include "core/utf8.h"

namespace forger {
namespace {

using httplib::Request;
using httplib::Response;

/// Each connection has a thread while it is open; those that listen to events sleep most of the time.
constexpr size_t kMostConnections = 600;
/// Of them, how many may listen to events.
constexpr int kMostListeners = 400;
constexpr int kMostWaitingConnections = 512;
constexpr size_t kRequestsOfConnection = 100000;
constexpr int kReadSeconds = 10, kWriteSeconds = 10;
/// Ports that are tried one after the other.
constexpr int kPortsTried = 100;
/// A sign of life for those who listen, that also finds out who is gone.
constexpr auto kQuiet = std::chrono::seconds(10);

constexpr const char* kPolicy =
    "default-src 'self'; img-src 'self' blob: data:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'; "
    "base-uri 'none'; form-action 'self'";

/// A thread for each connection, kept a while for the next one.
class ConnectionThreads : public httplib::TaskQueue {
 public:
  void enqueue(std::function<void()> connection) override {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(std::move(connection));
    if (waiting_.size() > idle_ && threads_.size() < kMostConnections) {
      threads_.emplace_back([this] { serve(); });
    } else {
      come_.notify_one();
    }
  }

  void shutdown() override {
    {
      const std::lock_guard lock(mutex_);
      ends_ = true;
    }
    come_.notify_all();
    for (auto& thread : threads_) thread.join();
  }

 private:
  void serve() {
    std::unique_lock lock(mutex_);
    while (true) {
      ++idle_;
      come_.wait(lock, [this] { return ends_ || !waiting_.empty(); });
      --idle_;
      if (waiting_.empty()) return;
      const auto connection = std::move(waiting_.front());
      waiting_.pop_front();
      lock.unlock();
      connection();
      lock.lock();
    }
  }

  std::mutex mutex_;
  std::condition_variable come_;
  std::deque<std::function<void()>> waiting_;
  std::vector<std::thread> threads_;
  size_t idle_ = 0;
  bool ends_ = false;
};

Caller caller_of(const Request& request) {
  return {.host = request.get_header_value("Host"),
          .origin = request.get_header_value("Origin"),
          .fetch_site = request.get_header_value("Sec-Fetch-Site"),
          .fetch_mode = request.get_header_value("Sec-Fetch-Mode"),
          .authorization = request.get_header_value("Authorization"),
          .cookie = request.get_header_value("Cookie")};
}

void answer_error(Response& response, int status, const std::string& message) {
  response.status = status;
  answer(response, {{"error", printable(message)}});
}

/// Listeners at this moment, of all servers in the process.
std::atomic<int> listeners = 0;

}  // namespace

HttpServer::HttpServer(HttpOptions options) : options_(std::move(options)), guard_(options_.host, options_.token) {
  server_.new_task_queue = [] { return new ConnectionThreads; };
  // Without SO_REUSEPORT, by which two servers would share a port.
  socket_t listening = INVALID_SOCKET;
  server_.set_socket_options([&listening](socket_t socket) {
    listening = socket;
    const int yes = 1;
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  });
  server_.set_payload_max_length(options_.most_bytes);
  server_.set_read_timeout(kReadSeconds);
  server_.set_write_timeout(kWriteSeconds);
  server_.set_keep_alive_max_count(kRequestsOfConnection);
  server_.set_tcp_nodelay(true);
  server_.set_default_headers({{"Content-Security-Policy", kPolicy},
                               {"X-Content-Type-Options", "nosniff"},
                               {"Referrer-Policy", "no-referrer"},
                               {"Cross-Origin-Resource-Policy", "same-origin"}});
  server_.set_pre_routing_handler([this](const Request& request, Response& response) {
    // Without a length there is no body (RFC 9112, 6.3); the library would wait for one until its time is up.
    if (!request.has_header("Content-Length") && !request.has_header("Transfer-Encoding")) {
      const_cast<Request&>(request).set_header("Content-Length", "0");
    }
    return look_at_caller(request, response);
  });
  server_.set_exception_handler([](const Request&, Response& response, const std::exception_ptr& thrown) {
    try {
      std::rethrow_exception(thrown);
    } catch (const std::exception& error) {
      answer_error(response, status_of(thrown), first_line(error.what()));
    }
  });
  server_.set_error_handler([](const Request&, Response& response) {
    if (response.body.empty())
      answer_error(response, response.status,
                   response.status == 404 ? "no such path" : fmt::format("HTTP status {}", response.status));
  });
  if (options_.port < 0 || options_.port > 65535) fail("port: received {}, accepted: 0 to 65535", options_.port);
  const int last = options_.next_free ? std::min(options_.port + kPortsTried, 65535) : options_.port;
  for (int port = options_.port; port_ == 0 && port <= last; ++port) {
    if (port == 0) {
      port_ = std::max(server_.bind_to_any_port(options_.host), 0);
    } else if (server_.bind_to_port(options_.host, port)) {
      port_ = port;
    }
  }
  if (port_ == 0) {
    fail("cannot listen on {}:{}: {}", options_.host, options_.port,
         options_.next_free ? "neither this port nor the next ones are free"
                            : "the port is taken, or the host is not this one's");
  }
  // The library lets five connections wait to be taken; of many that come at once, the others would wait for seconds.
  ::listen(listening, kMostWaitingConnections);
  server_.set_socket_options({});
}

HttpServer::~HttpServer() { stop(); }

void HttpServer::get(const std::string& pattern, Handler handler) { server_.Get(pattern, std::move(handler)); }
void HttpServer::post(const std::string& pattern, Handler handler) { server_.Post(pattern, std::move(handler)); }

void HttpServer::open(const std::string& path, Handler handler) {
  open_paths_.push_back(path);
  get(path, std::move(handler));
}

void HttpServer::page(const std::string& path, std::string content, const std::string& type) {
  open(path, [content = std::move(content), type](const Request&, Response& response) {
    response.set_header("Cache-Control", "no-cache");
    response.set_content(content, type);
  });
}

httplib::Server::HandlerResponse HttpServer::look_at_caller(const Request& request, Response& response) const {
  using enum httplib::Server::HandlerResponse;
  const auto caller = caller_of(request);
  if (!guard_.comes_from_here(caller)) {
    answer_error(response, 403, "this request comes from another place's page, or under another name of this machine");
    return Handled;
  }
  if (guard_.may_enter(caller) || std::ranges::find(open_paths_, request.path) != open_paths_.end()) return Unhandled;
  response.set_header("WWW-Authenticate", "Bearer");
  answer_error(response, 401, "this server asks for its token");
  return Handled;
}

void HttpServer::start() {
  thread_ = std::thread([this] { server_.listen_after_bind(); });
}

void HttpServer::stop() {
  stops_ = true;
  if (!thread_.joinable()) return;
  server_.stop();
  thread_.join();
}

std::string HttpServer::link() const {
  const bool is_everywhere = options_.host == "0.0.0.0" || options_.host == "::";
  const bool is_v6 = options_.host.find(':') != std::string::npos;
  const std::string host = is_everywhere ? "127.0.0.1" : is_v6 ? "[" + options_.host + "]" : options_.host;
  return fmt::format("http://{}:{}/", host, port_);
}

void expect_token(const std::string& host, const std::string& token) {
  if (is_loopback(host) || !token.empty()) return;
  fail("host: received {} without a token, accepted: with one, since others can reach it", for_message(host));
}

int status_of(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const HttpError& error) {
    return error.status();
  } catch (const Error&) {
    return 400;
  } catch (...) {
    return 500;
  }
}

void answer(Response& response, const nlohmann::ordered_json& json) {
  response.set_header("Cache-Control", "no-store");
  // With a character set the answer is not compressed, which would take longer than sending it.
  response.set_content(json_text(json), "application/json; charset=utf-8");
}

std::string parameter(const Request& request, const std::string& name, const std::string& otherwise) {
  return request.has_param(name.c_str()) ? request.get_param_value(name.c_str()) : otherwise;
}

int64_t whole_parameter(const Request& request, const std::string& name, int64_t otherwise) {
  if (!request.has_param(name.c_str())) return otherwise;
  const auto text = request.get_param_value(name.c_str());
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) {
    throw HttpError(400, fmt::format("{}: received {}, accepted: a whole number", name, for_message(text)));
  }
  return number;
}

void answer_with_events(const Request& request, Response& response, const HttpServer& server, const EventLog& log,
                        std::function<void()> keep) {
  if (listeners >= kMostListeners) {
    response.set_header("Retry-After", "10");
    throw HttpError(503, fmt::format("{} listen already, no more can", kMostListeners));
  }
  int64_t seen = whole_parameter(request, "after", log.last());
  const auto id = request.get_header_value("Last-Event-ID");
  std::from_chars(id.data(), id.data() + id.size(), seen);
  ++listeners;
  response.set_header("Cache-Control", "no-store");
  response.set_header("X-Accel-Buffering", "no");
  response.set_chunked_content_provider(
      "text/event-stream",
      [seen, &server, &log, keep = std::move(keep), greeted = false](size_t, httplib::DataSink& sink) mutable {
        keep();
        if (!greeted) {
          greeted = true;
          constexpr std::string_view kGreeting = ": here\n\n";
          return sink.write(kGreeting.data(), kGreeting.size());
        }
        auto news = log.after(seen, kQuiet);
        if (server.stops() || log.is_closed()) return false;
        if (!news) news = {.text = fmt::format("id: {}\nevent: again\ndata: {{}}\n\n", log.last()), .last = log.last()};
        seen = news->last;
        if (news->text.empty()) news->text = ": quiet\n\n";
        return sink.write(news->text.data(), news->text.size());
      },
      [](bool) { --listeners; });
}

}  // namespace forger
