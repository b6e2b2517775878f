#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "build_constants.h"
#include "core/fail.h"
#include "core/files.h"
#include "core/text.h"
#include "core/utf8.h"
#include "forger/watch.h"
#include "referee/texts.h"
#include "serve/http_server.h"
#include "serve/page.h"
#include "serve/playground.h"
#include "serve/watched_runs.h"

namespace forger {
namespace {

namespace fs = std::filesystem;
using httplib::Request;
using httplib::Response;
using nlohmann::ordered_json;

/// An image to play with may be so large.
constexpr size_t kMostBodyBytes = 32 << 20;
constexpr int64_t kFewestPoints = 2, kMostPoints = 20000;

HttpOptions http_options(const WatchOptions& options) {
  expect_token(options.host, options.token);
  return {.host = options.host,
          .port = options.port,
          .next_free = options.port != 0,
          .token = options.token,
          .most_bytes = kMostBodyBytes};
}

/// A parameter that takes one of some words; the first one where it is not there.
std::string word_parameter(const Request& request, const std::string& name, const std::vector<std::string>& words) {
  auto word = parameter(request, name, words.front());
  if (std::ranges::find(words, word) == words.end()) {
    throw HttpError(400, fmt::format("{}: received {}, accepted: {}", name, for_message(word), join(words)));
  }
  return word;
}

void answer_preview(const Request& request, Response& response, const fs::path& file, const char* type) {
  std::error_code gone;
  const auto written = fs::last_write_time(file, gone).time_since_epoch().count();
  const auto size = fs::file_size(file, gone);
  if (gone) throw HttpError(404, "this preview is gone");
  // After mending, another one may stand under the same step.
  const auto mark = fmt::format("\"{:x}-{:x}\"", written, size);
  response.set_header("Cache-Control", "private, no-cache");
  response.set_header("ETag", mark);
  if (request.get_header_value("If-None-Match") == mark) {
    response.status = 304;
    return;
  }
  response.set_content(read_file(file), type);
}

}  // namespace

struct WatchServer::State {
  explicit State(const WatchOptions& options)
      : runs(options.folders), server(http_options(options)), token(options.token) {
    add_page();
    add_routes();
    add_playground();
    server.start();
  }

  ~State() {
    runs.close();
    server.stop();
  }

  void add_page() {
    server.page("/app.js", page_file("app.js"), "application/javascript; charset=utf-8");
    server.page("/app.css", page_file("app.css"), "text/css; charset=utf-8");
    server.page(
        "/api/v1/about",
        ordered_json{{"version", FORGER_VERSION}, {"revision", FORGER_REVISION}, {"languages", Texts::languages()}}
            .dump(),
        "application/json; charset=utf-8");
    server.open("/", [this](const Request& request, Response& response) {
      if (server.guard().is_token(parameter(request, "token"))) {
        response.set_header("Set-Cookie", server.guard().cookie());
        response.set_redirect("/");
        return;
      }
      response.set_header("Cache-Control", "no-cache");
      response.set_content(page_file("index.html"), "text/html; charset=utf-8");
    });
    server.open("/api/v1/login", [](const Request&, Response&) { throw HttpError(405, "accepted: POST"); });
    server.post("/api/v1/login", [this](const Request& request, Response& response) {
      const auto json = ordered_json::parse(request.body, nullptr, /*allow_exceptions=*/false);
      const bool is_right = json.is_object() && json.contains("token") && json["token"].is_string() &&
                            server.guard().is_token(json["token"].get<std::string>());
      if (!is_right) throw HttpError(401, "this is not the token");
      response.set_header("Set-Cookie", server.guard().cookie());
      answer(response, ordered_json::object());
    });
  }

  void add_routes() {
    server.get("/api/v1/runs", [this](const Request&, Response& response) {
      auto summaries = ordered_json::array();
      for (const auto& run : runs.all()) summaries.push_back(run->summary());
      answer(response, {{"event", runs.events().last()}, {"runs", std::move(summaries)}});
    });
    server.get("/api/v1/events", [this](const Request& request, Response& response) {
      answer_with_events(request, response, server, runs.events(), [] {});
    });
    server.get("/api/v1/runs/([0-9a-f]+)", [this](const Request& request, Response& response) {
      answer(response, run_of(request)->about(word_parameter(request, "language", Texts::languages())));
    });
    server.get("/api/v1/runs/([0-9a-f]+)/series", [this](const Request& request, Response& response) {
      const auto names = parameter(request, "names");
      answer(response, run_of(request)->series(
                           {.journal = parameter(request, "journal", "steps"),
                            .names = names.empty() ? std::vector<std::string>() : split(names, ','),
                            .from = whole_parameter(request, "from", 0),
                            .to = whole_parameter(request, "to", std::numeric_limits<int64_t>::max()),
                            .points = std::clamp(whole_parameter(request, "points", 1000), kFewestPoints, kMostPoints),
                            .whole_rows = word_parameter(request, "thin", {"extremes", "rows"}) == "rows"}));
    });
    server.get("/api/v1/runs/([0-9a-f]+)/events", [this](const Request& request, Response& response) {
      const auto run = run_of(request);
      answer_with_events(request, response, server, run->events(), [run] { run->keep_open(); });
    });
    server.get("/api/v1/runs/([0-9a-f]+)/previews/(real|[0-9]{1,15})\\.(png|json)",
               [this](const Request& request, Response& response) {
                 const auto name = request.matches[2].str();
                 const bool is_picture = request.matches[3].str() == "png";
                 const int64_t step = name == "real" ? -1 : std::stoll(name);
                 const auto run = run_of(request);
                 const auto file = is_picture ? run->picture(step) : run->points(step);
                 if (!file) throw HttpError(404, "there is no such preview");
                 answer_preview(request, response, *file, is_picture ? "image/png" : "application/json");
               });
  }

  void add_playground() {
    server.get("/api/v1/runs/([0-9a-f]+)/model", [this](const Request& request, Response& response) {
      answer(response, playground.about(*run_of(request)));
    });
    server.post("/api/v1/runs/([0-9a-f]+)/tasks/([a-z]+)", [this](const Request& request, Response& response) {
      playground.run_task(run_of(request), request.matches[2].str(), request, response);
    });
    server.post("/api/v1/runs/([0-9a-f]+)/nearest", [this](const Request& request, Response& response) {
      playground.find_nearest(run_of(request), request, response);
    });
    server.post("/api/v1/jobs/([A-Za-z0-9-]+)/cancel", [this](const Request& request, Response& response) {
      playground.cancel(request.matches[1].str());
      answer(response, ordered_json::object());
    });
  }

  std::shared_ptr<WatchedRun> run_of(const Request& request) const {
    auto run = runs.find(request.matches[1].str());
    if (!run) throw HttpError(404, "there is no such run, or no more");
    return run;
  }

  WatchedRuns runs;
  Playground playground;
  HttpServer server;
  std::string token;
};

WatchServer::WatchServer(const WatchOptions& options) : state_(std::make_unique<State>(options)) {}
WatchServer::~WatchServer() = default;

std::string WatchServer::link() const {
  const auto link = state_->server.link();
  return state_->token.empty() ? link : link + "?token=" + state_->token;
}

}  // namespace forger
