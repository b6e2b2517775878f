#pragma once

#include <httplib.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>

#include "serve/event_log.h"
#include "serve/guard.h"

namespace forger {

/// That a request cannot be answered as asked: an HTTP status and one line.
class HttpError : public std::runtime_error {
 public:
  HttpError(int status, const std::string& message) : std::runtime_error(message), status_(status) {}
  int status() const { return status_; }

 private:
  int status_;
};

struct HttpOptions {
  std::string host = "127.0.0.1";
  /// 0: any that is free.
  int port = 0;
  /// Whether the next free one will do where the port is taken.
  bool next_free = false;
  /// Empty: none is asked for.
  std::string token;
  /// Of a request's body.
  size_t most_bytes = 1 << 20;
};

/// An HTTP server on cpp-httplib: what all routes share. Requests from other places' pages are refused (`Guard`),
/// and so are those without the token where one is asked for, but for files of the page. An exception ends one request.
class HttpServer {
 public:
  using Handler = std::function<void(const httplib::Request&, httplib::Response&)>;

  /// Takes the port, and answers from start() on. Throws Error when it cannot be taken.
  explicit HttpServer(HttpOptions options);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  /// Patterns are regular expressions of whole paths. Before start().
  void get(const std::string& pattern, Handler handler);
  void post(const std::string& pattern, Handler handler);
  /// The same of what needs no token.
  void open(const std::string& path, Handler handler);
  /// A file of the page, which needs none.
  void page(const std::string& path, std::string content, const std::string& type);

  /// Answers by threads of its own.
  void start();
  /// Takes no more requests and ends those that wait for events. What was begun is finished.
  void stop();
  bool stops() const { return stops_; }

  /// What people type to see it.
  std::string link() const;
  const Guard& guard() const { return guard_; }

 private:
  httplib::Server::HandlerResponse look_at_caller(const httplib::Request& request, httplib::Response& response) const;

  HttpOptions options_;
  Guard guard_;
  httplib::Server server_;
  std::vector<std::string> open_paths_;
  int port_ = 0;
  std::atomic<bool> stops_ = false;
  std::thread thread_;
};

/// Throws Error where others can reach the host and no token is asked for.
void expect_token(const std::string& host, const std::string& token);

/// The status that an exception of a handler is answered with.
int status_of(const std::exception_ptr& thrown);

/// An answer in JSON.
void answer(httplib::Response& response, const nlohmann::ordered_json& json);
/// A parameter of the query; `otherwise` when it is not there.
std::string parameter(const httplib::Request& request, const std::string& name, const std::string& otherwise = "");
/// The same as a whole number. Throws HttpError 400 when it is none.
int64_t whole_parameter(const httplib::Request& request, const std::string& name, int64_t otherwise);

/// Answers with what `log` tells from now on, until the caller or the server goes away. The caller says what it saw
/// last by "Last-Event-ID" or the parameter "after"; where that is no longer known, it gets the event "again". `keep`
/// is called again and again, as long as it listens.
void answer_with_events(const httplib::Request& request, httplib::Response& response, const HttpServer& server,
                        const EventLog& log, std::function<void()> keep);

}  // namespace forger
