#include "serve/playground.h"

#include <chrono>
#include <utility>

#include "core/json.h"
#include "core/utf8.h"
#include "serve/model_tasks.h"
#include "serve/task_request.h"

namespace forger {
namespace {

/// A person waits for a picture, not longer.
constexpr double kMostSeconds = 600;
constexpr int64_t kMostPixels = 40'000'000;
constexpr size_t kLongestJobName = 64;
/// Listeners are told of a job's progress no more often.
constexpr auto kBetweenNews = std::chrono::milliseconds(200);

const ModelTask& task_named(const std::string& name, const ModelInfo& model) {
  for (const auto* task : tasks_of(model)) {
    if (task->name == name) return *task;
  }
  throw HttpError(404, "this model does not do that: " + for_message(name));
}

}  // namespace

std::shared_ptr<const Model> Playground::model_of(const WatchedRun& run) {
  const auto path = run.model();
  if (!path) throw HttpError(404, "this run has no model yet");
  const std::lock_guard lock(mutex_);
  const auto time = std::filesystem::last_write_time(*path);
  if (loaded_.path != *path || loaded_.time != time) {
    loaded_ = {};
    loaded_ = {.path = *path, .time = time, .model = std::make_shared<const Model>(Model::load(*path))};
  }
  return loaded_.model;
}

nlohmann::ordered_json Playground::about(const WatchedRun& run) {
  if (!run.model()) return nullptr;
  return to_json(model_of(run)->info());
}

void Playground::run_task(const std::shared_ptr<WatchedRun>& run, const std::string& name,
                          const httplib::Request& request, httplib::Response& response) {
  const auto model = model_of(*run);
  const auto& task = task_named(name, model->info());
  const auto job = parameter(request, "job").substr(0, kLongestJobName);
  auto asked = request;
  asked.params.erase("job");
  auto call = call_of(asked, task, kMostPixels);
  const auto ends = std::make_shared<std::atomic<bool>>(false);
  {
    const std::lock_guard lock(mutex_);
    if (!job.empty()) jobs_[job] = ends;
  }
  call.goes_on = [ends, run, job, told = std::chrono::steady_clock::time_point()](double done) mutable {
    const auto now = std::chrono::steady_clock::now();
    if (!job.empty() && now - told >= kBetweenNews) {
      told = now;
      run->tell("job", {{"job", job}, {"done", json_number(done)}});
    }
    return !*ends;
  };
  const auto forget = [&] {
    const std::lock_guard lock(mutex_);
    jobs_.erase(job);
  };
  try {
    auto work = task.prepare(*model, call);
    // The model lives as long as what runs on it, also where nobody waits for that any more.
    work.work.run = [model, inner = std::move(work.work.run)](const Work::Tensors& inputs) { return inner(inputs); };
    answer_work(response, std::move(work), batcher_, kMostSeconds, ends);
  } catch (...) {
    forget();
    if (*ends && status_of(std::current_exception()) != 504) throw HttpError(409, "cancelled");
    throw;
  }
  forget();
  if (*ends) throw HttpError(409, "cancelled");
}

void Playground::cancel(const std::string& job) {
  const std::lock_guard lock(mutex_);
  const auto found = jobs_.find(job);
  if (found != jobs_.end()) *found->second = true;
}

}  // namespace forger
