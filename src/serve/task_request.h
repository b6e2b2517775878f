#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "serve/http_server.h"
#include "serve/model_tasks.h"

namespace forger {

/// The call that a request makes: options from its query and its form, images from its body or its parts `image` and
/// `mask`; JSON where it accepts that and no picture. Throws HttpError on an image of more than `most_pixels`.
TaskCall call_of(const httplib::Request& request, const ModelTask& task, int64_t most_pixels);

/// Throws HttpError on an image of more than `most_pixels`; nothing where there is none.
void expect_pixels(const std::string& bytes, const char* name, int64_t most_pixels);

/// Runs work by the batcher and turns what it gives into the response. Throws HttpError 503 where too many wait; 504
/// after `seconds`: then `ends` becomes true; 409 where that ended it before its turn.
void answer_work(httplib::Response& response, TaskWork work, Batcher& batcher, double seconds,
                 const std::shared_ptr<std::atomic<bool>>& ends);

}  // namespace forger
