#include <memory>

#include "core/clock.h"
#include "core/fail.h"
#include "core/text.h"
#include "core/utf8.h"
#include "forger/serve.h"
#include "serve/http_server.h"
#include "serve/openapi.h"
#include "serve/request_counts.h"
#include "serve/task_request.h"

namespace forger {
namespace {

using httplib::Request;
using httplib::Response;
using nlohmann::ordered_json;

HttpOptions http_options(const ServeOptions& options) {
  expect_token(options.host, options.token);
  return {.host = options.host,
          .port = options.port,
          .token = options.token,
          .most_bytes = static_cast<size_t>(std::max<int64_t>(options.most_bytes, 1))};
}

BatcherOptions batcher_options(const ServeOptions& options) {
  return {.wait = std::chrono::microseconds(static_cast<int64_t>(1000 * options.batch_wait_ms)),
          .most_waiting = static_cast<size_t>(std::max<int64_t>(options.queue, 1))};
}

}  // namespace

struct ModelServer::State {
  explicit State(const ServeOptions& given)
      : options(given),
        model(Model::load(given.model, given.device)),
        batcher(batcher_options(given)),
        server(http_options(given)) {
    server.open("/healthz", [](const Request&, Response& response) { answer(response, {{"status", "ok"}}); });
    server.get("/metrics", [this](const Request&, Response& response) {
      response.set_content(counts.text(batcher.counts()), "text/plain; version=0.0.4");
    });
    server.get("/v1/model", [this](const Request&, Response& response) { answer(response, to_json(model.info())); });
    server.get("/openapi\\.json",
               [this](const Request&, Response& response) { answer(response, openapi(model.info())); });
    for (const auto* task : tasks_of(model.info())) {
      server.post("/v1/" + task->name, [this, task](const Request& request, Response& response) {
        const auto start = std::chrono::steady_clock::now();
        try {
          run(*task, request, response);
        } catch (...) {
          counts.add(task->name, status_of(std::current_exception()), seconds_since(start));
          throw;
        }
        counts.add(task->name, 200, seconds_since(start));
      });
    }
    server.start();
  }

  ~State() { server.stop(); }

  void run(const ModelTask& task, const Request& request, Response& response) {
    auto call = call_of(request, task, options.most_pixels);
    const auto gave_up = std::make_shared<std::atomic<bool>>(false);
    call.goes_on = [gave_up](double) { return !*gave_up; };
    answer_work(response, task.prepare(model, call), batcher, options.timeout_s, gave_up);
  }

  const ServeOptions options;
  const Model model;
  RequestCounts counts;
  Batcher batcher;
  HttpServer server;
};

ModelServer::ModelServer(const ServeOptions& options) : state_(std::make_unique<State>(options)) {}
ModelServer::~ModelServer() = default;

std::string ModelServer::link() const { return state_->server.link(); }

}  // namespace forger
