#pragma once

#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "forger/model.h"
#include "serve/batcher.h"

namespace forger {

/// An option of a task, as a request gives it.
struct TaskOption {
  std::string name;
  /// "integer", "number", "boolean" or "string" (of `words`), as OpenAPI has them.
  std::string type;
  std::string otherwise;
  std::string description;
  double least = 0, most = 0;
  std::vector<std::string> words = {};
};

/// What a request asks of a model.
struct TaskCall {
  std::map<std::string, std::string> options;
  /// Image files, as they came; empty where none did.
  std::string image, mask;
  /// Whether the answer is wanted as JSON, and not as a picture.
  bool wants_json = false;
  /// Asked now and then while it runs, with the share that is done; false ends it.
  std::function<bool(double done)> goes_on;

  std::string text(const std::string& name) const;
  int64_t whole(const std::string& name) const;
  double number(const std::string& name) const;
  bool is_set(const std::string& name) const;
};

struct TaskAnswer {
  std::string body;
  /// "image/png", "application/json".
  std::string type;
};

/// What is to be run, and what becomes of its outputs.
struct TaskWork {
  Work work;
  std::function<TaskAnswer(const Work::Tensors&)> finish;
};

/// Something that a model is used for over HTTP.
struct ModelTask {
  std::string name, description;
  bool takes_image = false, takes_mask = false;
  std::vector<TaskOption> options;
  bool (*offered_by)(const ModelInfo& model);
  /// Reads the call; everything but running. Throws Error.
  TaskWork (*prepare)(const Model& model, const TaskCall& call);
};

/// All of them: the one place where they are listed.
const std::vector<ModelTask>& model_tasks();
/// Those that a model offers.
std::vector<const ModelTask*> tasks_of(const ModelInfo& model);

/// The call with every option of the task, those that are missing as they are otherwise. Throws Error on an option that
/// the task does not have, a value that it does not take, or an image that is missing.
TaskCall complete(const ModelTask& task, TaskCall call);

/// Whether the whole text is a finite number, which `number` then is.
bool is_number(const std::string& text, double& number);

/// What a model is, for programs.
nlohmann::ordered_json to_json(const ModelInfo& model);

}  // namespace forger
