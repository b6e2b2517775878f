#include "serve/openapi.h"

#include "build_constants.h"
#include "serve/model_tasks.h"

namespace forger {
namespace {

using nlohmann::ordered_json;

ordered_json schema_of(const TaskOption& option) {
  ordered_json schema{{"type", option.type}};
  if (option.type == "integer" || option.type == "number") {
    schema["minimum"] = option.least;
    schema["maximum"] = option.most;
  }
  if (!option.words.empty()) schema["enum"] = option.words;
  if (option.type == "boolean") {
    schema["default"] = option.otherwise == "true";
  } else if (option.type == "string") {
    schema["default"] = option.otherwise;
  } else {
    schema["default"] = ordered_json::parse(option.otherwise);
  }
  return schema;
}

ordered_json json_answer(const char* what) {
  return {{"description", what}, {"content", {{"application/json", {{"schema", {{"type", "object"}}}}}}}};
}

ordered_json body_of(const ModelTask& task) {
  const ordered_json file{{"type", "string"}, {"format", "binary"}};
  ordered_json parts{{"image", file}};
  if (task.takes_mask) parts["mask"] = file;
  ordered_json content;
  content["multipart/form-data"]["schema"] = {{"type", "object"}, {"properties", parts}};
  if (!task.takes_mask) {
    for (const char* type : {"image/png", "image/jpeg", "image/webp"}) content[type]["schema"] = file;
  }
  return {{"required", true}, {"content", content}};
}

ordered_json operation_of(const ModelTask& task) {
  ordered_json operation{{"operationId", task.name}, {"summary", task.description}};
  operation["parameters"] = ordered_json::array();
  for (const auto& option : task.options) {
    operation["parameters"].push_back(
        {{"name", option.name}, {"in", "query"}, {"description", option.description}, {"schema", schema_of(option)}});
  }
  if (task.takes_image) operation["requestBody"] = body_of(task);
  auto done = json_answer("The picture, or JSON where that is accepted");
  done["content"]["image/png"]["schema"] = {{"type", "string"}, {"format", "binary"}};
  operation["responses"] = {{"200", done},
                            {"400", json_answer("What was received, and what is accepted")},
                            {"413", json_answer("The body or the image is too large")},
                            {"503", json_answer("Too many requests wait; Retry-After says when to come again")},
                            {"504", json_answer("It took too long")}};
  return operation;
}

}  // namespace

ordered_json openapi(const ModelInfo& model) {
  ordered_json paths;
  paths["/v1/model"]["get"] = {{"summary", "What the model is"}, {"responses", {{"200", json_answer("The model")}}}};
  paths["/healthz"]["get"] = {{"summary", "Whether the server is there"},
                              {"responses", {{"200", json_answer("It is")}}}};
  for (const auto* task : tasks_of(model)) paths["/v1/" + task->name]["post"] = operation_of(*task);
  return {
      {"openapi", "3.0.3"}, {"info", {{"title", "Forger"}, {"version", FORGER_VERSION}}}, {"paths", std::move(paths)}};
}

}  // namespace forger
