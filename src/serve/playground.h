#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "forger/model.h"
#include "forger/nearest.h"
#include "serve/batcher.h"
#include "serve/http_server.h"
#include "serve/model_tasks.h"
#include "serve/watched_run.h"

namespace forger {

/// Lets people play with the models of runs: one job at a time, which tells how far it is and can be ended. May be used
/// by several threads at once.
class Playground {
 public:
  /// What a run's newest model is and can do; null while it has none.
  nlohmann::ordered_json about(const WatchedRun& run);
  /// Does a task as a request asks for it; it may name its job by the parameter "job". Throws HttpError and Error.
  void run_task(const std::shared_ptr<WatchedRun>& run, const std::string& task, const httplib::Request& request,
                httplib::Response& response);
  /// Finds the training image that is nearest to the image in a request's body, a job as well. Throws HttpError 404
  /// where the run's data cannot be read.
  void find_nearest(const std::shared_ptr<WatchedRun>& run, const httplib::Request& request,
                    httplib::Response& response);
  /// Ends a job; nothing where there is none.
  void cancel(const std::string& job);

 private:
  struct Loaded {
    std::filesystem::path path;
    std::filesystem::file_time_type time;
    std::shared_ptr<const Model> model;
  };
  struct LoadedImages {
    std::filesystem::path folder;
    std::filesystem::file_time_type time;
    std::shared_ptr<const TrainingImages> images;
  };
  using GoesOn = std::function<bool(double done)>;

  std::shared_ptr<const Model> model_of(const WatchedRun& run);
  /// Of a run, as long as its configuration stays; null where `goes_on` ended their reading.
  std::shared_ptr<const TrainingImages> images_of(const WatchedRun& run, const GoesOn& goes_on);
  /// Does work as the job that a request names; `prepare` gets what to ask whether to go on.
  void run_job(const std::shared_ptr<WatchedRun>& run, const httplib::Request& request, httplib::Response& response,
               const std::function<TaskWork(const GoesOn& goes_on)>& prepare);

  std::mutex mutex_;
  /// The one that was used last: models may be large.
  Loaded loaded_;
  /// The same; touched by the batcher's thread alone.
  LoadedImages images_;
  std::map<std::string, std::shared_ptr<std::atomic<bool>>> jobs_;
  Batcher batcher_{{.most_rows = 1, .most_waiting = 2}};
};

}  // namespace forger
