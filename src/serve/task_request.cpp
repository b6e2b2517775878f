#include "serve/task_request.h"

#include "core/fail.h"
#include "core/text.h"
#include "core/utf8.h"
#include "image/image_file.h"

namespace forger {
void expect_pixels(const std::string& bytes, const char* name, int64_t most_pixels) {
  if (bytes.empty()) return;
  const auto info = image_info(bytes, name);
  if (info.height * info.width > most_pixels) {
    throw HttpError(413, fmt::format("{}: received {}x{}, accepted: at most {} pixels", name, info.height, info.width,
                                     most_pixels));
  }
}

TaskCall call_of(const httplib::Request& request, const ModelTask& task, int64_t most_pixels) {
  TaskCall call;
  for (const auto& [name, value] : request.params) call.options[name] = value;
  for (const auto& [name, part] : request.files) {
    if (name == "image") {
      call.image = part.content;
    } else if (name == "mask") {
      call.mask = part.content;
    } else {
      call.options[name] = part.content;
    }
  }
  if (request.files.empty() && task.takes_image) call.image = request.body;
  const auto accept = request.get_header_value("Accept");
  call.wants_json = accept.find("application/json") != std::string::npos && accept.find("image/") == std::string::npos;
  call = complete(task, std::move(call));
  expect_pixels(call.image, "image", most_pixels);
  expect_pixels(call.mask, "mask", most_pixels);
  return call;
}

void answer_work(httplib::Response& response, TaskWork work, Batcher& batcher, double seconds,
                 const std::shared_ptr<std::atomic<bool>>& ends) {
  std::future<Work::Tensors> answer;
  try {
    answer = batcher.add(std::move(work.work), [ends] { return ends->load(); });
  } catch (const BusyError& error) {
    response.set_header("Retry-After", "1");
    throw HttpError(503, error.what());
  }
  if (answer.wait_for(std::chrono::duration<double>(seconds)) != std::future_status::ready) {
    *ends = true;
    throw HttpError(504, fmt::format("this took longer than {:g} seconds", seconds));
  }
  const auto made = answer.get();
  if (made.empty()) throw HttpError(409, "this was cancelled");
  const auto done = work.finish(made);
  response.set_header("Cache-Control", "no-store");
  response.set_content(done.body, done.type);
}

}  // namespace forger
