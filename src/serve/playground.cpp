#include "serve/playground.h"

#include <chrono>
#include <utility>

#include "core/base64.h"
#include "core/json.h"
#include "core/utf8.h"
#include "data/inputs.h"
#include "forger/error.h"
#include "image/grid.h"
#include "image/image_file.h"
#include "image/png.h"
#include "run/run_folder.h"
#include "serve/task_request.h"

namespace forger {
namespace {

using nlohmann::ordered_json;

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

/// Of an image of the training images' size, in their channels.
NearestImage nearest_of(const TrainingImages& images, const Pixels& pixels) {
  const ImageShape shape{images.channels(), images.height_px(), images.width_px()};
  const auto image = to_tensor(to_model_shape(pixels, shape, "image", "")).contiguous();
  return images.nearest(to_floats(image).unsqueeze(0)).front();
}

ordered_json to_json(const TrainingImages& images, const NearestImage& found) {
  ordered_json unseen = nullptr;
  if (images.unseen() > 0) {
    unseen = {{"images", images.unseen()},
              {"median", images.usual_distance()},
              {"nearer", found.nearer_unseen},
              {"copies_below", images.repeat_distance()}};
  }
  return {{"image", base64(encode_png(found.pixels))},
          {"name", found.name},
          {"distance", found.distance},
          {"unseen", std::move(unseen)},
          {"training_images", images.size()},
          {"compared", images.compared()},
          {"notes", images.notes()}};
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

ordered_json Playground::about(const WatchedRun& run) {
  if (!run.model()) return nullptr;
  return to_json(model_of(run)->info());
}

void Playground::run_task(const std::shared_ptr<WatchedRun>& run, const std::string& name,
                          const httplib::Request& request, httplib::Response& response) {
  const auto model = model_of(*run);
  const auto& task = task_named(name, model->info());
  auto asked = request;
  asked.params.erase("job");
  auto call = call_of(asked, task, kMostPixels);
  run_job(run, request, response, [&](const GoesOn& goes_on) {
    call.goes_on = goes_on;
    auto work = task.prepare(*model, call);
    // The model lives as long as what runs on it, also where nobody waits for that any more.
    work.work.run = [model, inner = std::move(work.work.run)](const Work::Tensors& inputs) { return inner(inputs); };
    return work;
  });
}

void Playground::find_nearest(const std::shared_ptr<WatchedRun>& run, const httplib::Request& request,
                              httplib::Response& response) {
  if (request.body.empty()) throw HttpError(400, "nearest: received no image, accepted: one as the body");
  expect_pixels(request.body, "image", kMostPixels);
  const auto pixels = decode_image(request.body, "image");
  run_job(run, request, response, [&](const GoesOn& goes_on) -> TaskWork {
    const auto answer = std::make_shared<ordered_json>();
    return {.work = {.key = "",
                     .inputs = {},
                     .run = [this, run, pixels, goes_on, answer](const Work::Tensors&) -> Work::Tensors {
                       const auto images = images_of(*run, goes_on);
                       if (!images) return {};
                       const auto found = nearest_of(*images, pixels);
                       *answer = to_json(*images, found);
                       return {found.pixels};
                     }},
            .finish = [answer](const Work::Tensors&) -> TaskAnswer {
              return {json_text(*answer), "application/json; charset=utf-8"};
            }};
  });
}

std::shared_ptr<const TrainingImages> Playground::images_of(const WatchedRun& run, const GoesOn& goes_on) {
  const auto time = std::filesystem::last_write_time(RunFolder::at(run.folder()).config());
  if (images_.images && images_.folder == run.folder() && images_.time == time) return images_.images;
  images_ = {};
  try {
    images_ = {.folder = run.folder(), .time = time, .images = TrainingImages::read(run.folder(), goes_on)};
  } catch (const Error& error) {
    throw HttpError(404, error.what());
  }
  return images_.images;
}

void Playground::run_job(const std::shared_ptr<WatchedRun>& run, const httplib::Request& request,
                         httplib::Response& response, const std::function<TaskWork(const GoesOn&)>& prepare) {
  const auto job = parameter(request, "job").substr(0, kLongestJobName);
  const auto ends = std::make_shared<std::atomic<bool>>(false);
  {
    const std::lock_guard lock(mutex_);
    if (!job.empty()) jobs_[job] = ends;
  }
  const auto forget = [&] {
    const std::lock_guard lock(mutex_);
    jobs_.erase(job);
  };
  try {
    auto work = prepare([ends, run, job, told = std::chrono::steady_clock::time_point()](double done) mutable {
      const auto now = std::chrono::steady_clock::now();
      if (!job.empty() && now - told >= kBetweenNews) {
        told = now;
        run->tell("job", {{"job", job}, {"done", json_number(done)}});
      }
      return !*ends;
    });
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
