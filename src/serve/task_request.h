#pragma once

#include "serve/http_server.h"
#include "serve/model_tasks.h"

namespace forger {

/// The call that a request makes: options from its query and its form, images from its body or its parts `image` and
/// `mask`; JSON where it accepts that and no picture. Throws HttpError on an image of more than `most_pixels`.
TaskCall call_of(const httplib::Request& request, const ModelTask& task, int64_t most_pixels);

/// Waits for an answer of the batcher and turns it into the response. Throws HttpError 504 after `seconds`: then
/// `gave_up` becomes true; 409 where it was ended before its turn.
void answer_work(httplib::Response& response, TaskWork& work, std::future<Work::Tensors> answer, double seconds,
                 std::atomic<bool>& gave_up);

}  // namespace forger
