#include "serve/model_tasks.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "api/inspector.h"
#include "api/picture_upscaler.h"
#include "core/base64.h"
#include "core/fail.h"
#include "core/json.h"
#include "core/text.h"
#include "core/torch.h"
#include "core/utf8.h"
#include "data/inputs.h"
#include "image/grid.h"
#include "image/heat.h"
#include "image/image_file.h"
#include "image/mask.h"
#include "image/png.h"
#include "serve/asked_latents.h"

namespace forger {
namespace {

using nlohmann::ordered_json;

constexpr const char *kPng = "image/png", *kJson = "application/json; charset=utf-8";

const TaskOption kSeed{"seed", "integer", "1", "Another seed, another picture", 0, kLargestSeed};
const TaskOption kResize{
    "resize", "string", "", "How an image of another size comes to the model's", 0, 0, {"", "crop", "pad", "stretch"}};
const TaskOption kTile{"tile", "integer", "0", "Side of the tiles of large images in pixels; 0: as memory allows",
                       0,      65536};

std::string png_text(const at::Tensor& pixels) { return base64(encode_png(pixels)); }

/// One picture as it is, several side by side; as JSON each for itself.
TaskAnswer pictures(const at::Tensor& pixels, bool as_json) {
  if (as_json) {
    ordered_json images = ordered_json::array();
    for (int64_t i = 0; i < pixels.size(0); ++i) images.push_back(png_text(pixels[i]));
    return {ordered_json{{"images", images}}.dump(), kJson};
  }
  return {encode_png(pixels.size(0) == 1 ? pixels[0] : image_grid(pixels)), kPng};
}

TaskWork sample_work(const Model& model, const TaskCall& call) {
  const auto drawn = latents_of(model, call);
  const auto amounts = amounts_of(model, call);
  const bool moves = amounts.defined();
  Work::Tensors inputs{drawn.latents};
  if (moves) inputs.push_back(amounts.expand({drawn.latents.size(0), -1}));
  if (drawn.labels.defined()) inputs.push_back(drawn.labels);
  const bool points = model.info().height_px == 1 && model.info().channels == 2;
  return {.work = {.key = moves ? "sample along" : "sample",
                   .inputs = std::move(inputs),
                   .run = [&model, moves](const Work::Tensors& all) -> Work::Tensors {
                     const auto latents =
                         moves ? all[0] + all[1].matmul(model.principal_directions(all[1].size(1))) : all[0];
                     const size_t labels = moves ? 2 : 1;
                     return {model.generate(latents, all.size() > labels ? all[labels] : at::Tensor())};
                   }},
          .finish = [as_json = call.wants_json, points](const Work::Tensors& made) -> TaskAnswer {
            if (!points) return pictures(to_bytes(made[0]), as_json);
            ordered_json places = ordered_json::array();
            for (int64_t i = 0; i < made[0].size(0); ++i) {
              places.push_back({made[0][i][0].item<float>(), made[0][i][1].item<float>()});
            }
            return {ordered_json{{"points", places}}.dump(), kJson};
          }};
}

/// An image as a model takes it, float32 `[1, C, H, W]`.
at::Tensor model_image(const Model& model, const TaskCall& call) {
  const auto pixels = decode_image(call.image, "image", {.levels = levels_of(model.info())});
  return to_floats(to_tensor(to_model_shape(pixels, shape_of(model.info()), "image", call.text("resize"))))
      .unsqueeze(0)
      .contiguous();
}

ReconstructOptions search_options(const TaskCall& call) {
  return {.seed = static_cast<uint64_t>(call.whole("seed")),
          .search_steps = call.whole("search_steps"),
          .search_goes_on = call.goes_on};
}

TaskWork reconstruct_work(const Model& model, const TaskCall& call) {
  auto options = search_options(call);
  options.search = call.is_set("search");
  // A search is asked now and then whether to go on: one for each request.
  const bool searches = options.search || !model.info().has_encoder;
  return {.work = {.key = searches ? "" : "reconstruct",
                   .inputs = {model_image(model, call)},
                   .run = [&model, options](const Work::Tensors& all) -> Work::Tensors {
                     return {model.reconstruct(all[0], options).images};
                   }},
          .finish = [as_json = call.wants_json](const Work::Tensors& made) {
            return pictures(to_bytes(made[0]), as_json);
          }};
}

TaskWork restore_work(const Model& model, const TaskCall& call) {
  const auto& info = model.info();
  const auto original = decode_image(call.image, "image", {.levels = levels_of(info)});
  const auto image = model_image(model, call);
  const auto mask = decode_mask(call.mask, "mask");
  if (mask.height != original.height || mask.width != original.width) {
    fail("mask: received {}x{}, accepted: the image's size, {}x{}", mask.height, mask.width, original.height,
         original.width);
  }
  const ImageShape shape{1, info.height_px, info.width_px};
  auto holes = to_tensor(to_model_shape(mask, shape, "mask", call.text("resize"))).gt(0).to(at::kFloat).unsqueeze(0);
  auto options = search_options(call);
  return {.work = {.key = "",
                   .inputs = {image, holes.contiguous()},
                   .run = [&model, options](const Work::Tensors& all) -> Work::Tensors {
                     return {model.restore(all[0], all[1], options)};
                   }},
          .finish = [as_json = call.wants_json](const Work::Tensors& made) {
            return pictures(to_bytes(made[0]), as_json);
          }};
}

TaskWork detect_work(const Model& model, const TaskCall& call) {
  const auto& info = model.info();
  auto pixels = decode_image(call.image, "image", {.levels = levels_of(info)});
  const bool tiled = is_seen_in_tiles(pixels.height, pixels.width, shape_of(info), "image", call.text("resize"));
  if (!tiled) pixels = to_model_shape(std::move(pixels), shape_of(info), "image", call.text("resize"));
  const auto image = to_tensor(pixels).contiguous();
  const double threshold = model.score_threshold(call.number("false_alarms"));
  const double map_threshold = model.map_threshold(call.number("false_alarms"));
  Work work{.key = tiled ? "" : "detect", .inputs = {}, .run = {}};
  if (tiled) {
    work.run = [&model, image](const Work::Tensors&) -> Work::Tensors {
      const auto found = model.detect_in(image);
      return {found.scores, found.p_normal, found.maps};
    };
  } else {
    work.inputs = {to_floats(image).unsqueeze(0)};
    work.run = [&model](const Work::Tensors& all) -> Work::Tensors {
      const auto found = model.detect(all[0]);
      return {found.scores, found.p_normal, found.maps};
    };
  }
  return {
      .work = std::move(work),
      .finish = [pixels, threshold, map_threshold, as_json = call.wants_json](const Work::Tensors& made) -> TaskAnswer {
        const double score = made[0].item<double>();
        Pixels overlay = to_channels(pixels, 3);
        const auto map = made[2].contiguous();
        const auto* strange = map.const_data_ptr<float>();
        for (int64_t i = 0; i < overlay.height * overlay.width; ++i) {
          lay_heat(overlay.values.data() + 3 * i, strange[i] / map_threshold);
        }
        const auto picture = encode_png(to_tensor(overlay));
        if (!as_json) return {picture, kPng};
        return {ordered_json{{"score", score},
                             {"p_normal", made[1].item<double>()},
                             {"threshold", threshold},
                             {"verdict", score > threshold ? "anomaly" : "normal"},
                             {"overlay", base64(picture)}}
                    .dump(),
                kJson};
      }};
}

/// A picture of any size through the model, in tiles where it is large.
template <class Options>
TaskWork picture_work(const Model& model, const TaskCall& call, const Options& options, const char* name) {
  const auto& info = model.info();
  const auto pixels =
      to_tensor(decode_image(call.image, "image", {.levels = levels_of(info), .kinds = info.source_kinds}));
  return {
      .work = {.key = "",
               .inputs = {},
               .run = [&model, pixels, options, name, goes_on = call.goes_on](const Work::Tensors&) -> Work::Tensors {
                 PictureUpscaler upscaler(model, options, {.goes_on = goes_on, .on_message = {}});
                 return {upscaler.upscale_pixels(pixels.contiguous(), name).unsqueeze(0)};
               }},
      .finish = [as_json = call.wants_json](const Work::Tensors& made) { return pictures(made[0], as_json); }};
}

TaskWork upscale_work(const Model& model, const TaskCall& call) {
  const UpscaleOptions options{.scale = call.number("scale"),
                               .tile_px = call.whole("tile"),
                               .wrap = call.is_set("wrap"),
                               .tta = call.is_set("tta")};
  return picture_work(model, call, options, "upscale");
}

TaskWork translate_work(const Model& model, const TaskCall& call) {
  const TranslateOptions options{.direction = call.text("direction"),
                                 .seed = static_cast<uint64_t>(call.whole("seed")),
                                 .deterministic = call.is_set("deterministic"),
                                 .tile_px = call.whole("tile")};
  return picture_work(model, call, options, "translate");
}

void check(const TaskOption& option, const std::string& value) {
  double number = 0;
  std::string accepted;
  if (option.type == "boolean") {
    if (value != "true" && value != "false") accepted = "true, false";
  } else if (option.type == "string") {
    const bool is_word = option.words.empty() || std::ranges::find(option.words, value) != option.words.end();
    if (!is_word) accepted = join(option.words);
  } else if (!is_number(value, number) || number < option.least || number > option.most ||
             (option.type == "integer" && number != std::floor(number))) {
    accepted = fmt::format("{} from {} to {}", option.type == "integer" ? "a whole number" : "a number", option.least,
                           option.most);
  }
  if (!accepted.empty()) fail("{}: received {}, accepted: {}", option.name, for_message(value), accepted);
}

}  // namespace

bool is_number(const std::string& text, double& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() && std::isfinite(number);
}

std::string TaskCall::text(const std::string& name) const { return options.at(name); }

int64_t TaskCall::whole(const std::string& name) const { return static_cast<int64_t>(number(name)); }

double TaskCall::number(const std::string& name) const {
  double value = 0;
  is_number(options.at(name), value);
  return value;
}

bool TaskCall::is_set(const std::string& name) const { return options.at(name) == "true"; }

const std::vector<ModelTask>& model_tasks() {
  static const TaskOption search_steps{"search_steps", "integer", "200", "Steps of a search", 1, 10000};
  static const std::vector<ModelTask> tasks{
      {.name = "sample",
       .description = "Draws images",
       .options = {{"count", "integer", "1", "How many", 1, kMostImagesAsked},
                   kSeed,
                   {"class", "integer", "-1", "Class to draw; -1: all in turn", -1, 1e6},
                   {"truncation", "number", "0", "Latents beyond it are drawn again; 0: none", 0, 1000},
                   {"seeds", "string", "", "One image of each of these seeds: 3,4,5"},
                   {"interpolate", "boolean", "false",
                    "Walks from one latent to the next in 8 steps, or through the seeds in so many images"},
                   {"along", "string", "", "Moves latents along what samples differ by most: 0:1.5,3:-2"}},
       .offered_by = [](const ModelInfo& model) { return model.latent_size > 0; },
       .prepare = sample_work},
      {.name = "reconstruct",
       .description = "Makes an image again",
       .takes_image = true,
       .options =
           {kResize, kSeed, {"search", "boolean", "false", "Improves the encoder's answer by a search"}, search_steps},
       .offered_by = [](const ModelInfo& model) { return model.latent_size > 0 && model.height_px > 1; },
       .prepare = reconstruct_work},
      {.name = "restore",
       .description = "Fills what a mask marks",
       .takes_image = true,
       .takes_mask = true,
       .options = {kResize, kSeed, search_steps},
       .offered_by = [](const ModelInfo& model) { return model.latent_size > 0 && model.height_px > 1; },
       .prepare = restore_work},
      {.name = "detect",
       .description = "Says how strange an image is, and where",
       .takes_image = true,
       .options = {kResize,
                   {"false_alarms", "number", "0.01", "Share of normal images that may be taken for anomalies", 1e-6,
                    0.999}},
       .offered_by = [](const ModelInfo& model) { return model.has_detector; },
       .prepare = detect_work},
      {.name = "upscale",
       .description = "Makes an image larger",
       .takes_image = true,
       .options = {{"scale", "number", "0", "Sides of what comes out over sides of what goes in; 0: the model's", 0,
                    64},
                   kTile,
                   {"wrap", "boolean", "false", "Takes the opposite side for what lies beyond a border"},
                   {"tta", "boolean", "false", "The mean of the eight turns and flips"}},
       .offered_by = [](const ModelInfo& model) { return model.has_upscaler; },
       .prepare = upscale_work},
      {.name = "translate",
       .description = "Makes an image of another kind of it",
       .takes_image = true,
       .options = {{"direction", "string", "", "a2b or b2a; empty: the model's first", 0, 0, {"", "a2b", "b2a"}},
                   kSeed,
                   {"deterministic", "boolean", "false", "Draws nothing"},
                   kTile},
       .offered_by = [](const ModelInfo& model) { return model.has_translator; },
       .prepare = translate_work}};
  return tasks;
}

std::vector<const ModelTask*> tasks_of(const ModelInfo& model) {
  std::vector<const ModelTask*> offered;
  for (const auto& task : model_tasks()) {
    if (task.offered_by(model)) offered.push_back(&task);
  }
  return offered;
}

TaskCall complete(const ModelTask& task, TaskCall call) {
  std::vector<std::string> names;
  for (const auto& option : task.options) names.push_back(option.name);
  for (const auto& [name, value] : call.options) {
    const auto option = std::ranges::find(task.options, name, &TaskOption::name);
    if (option == task.options.end()) {
      fail("{}: received option {}{}, accepted: {}", task.name, for_message(name), did_you_mean(name, names),
           join(names));
    }
    check(*option, value);
  }
  for (const auto& option : task.options) call.options.try_emplace(option.name, option.otherwise);
  if (task.takes_image && call.image.empty())
    fail("{}: received no image, accepted: one as the body, or as part image", task.name);
  if (task.takes_mask && call.mask.empty()) fail("{}: received no mask, accepted: an image as part mask", task.name);
  return call;
}

ordered_json to_json(const ModelInfo& model) {
  ordered_json json{{"game", model.game},           {"architecture", model.architecture},
                    {"height", model.height_px},    {"width", model.width_px},
                    {"channels", model.channels},   {"latent_size", model.latent_size},
                    {"classes", model.class_names}, {"principal_directions", directions_of(model)},
                    {"encoder", model.has_encoder}, {"variety", model.has_variety},
                    {"scale", model.scale},         {"directions", model.directions},
                    {"weights", model.weights},     {"provenance", model.provenance}};
  json["tasks"] = ordered_json::array();
  for (const auto* task : tasks_of(model)) json["tasks"].push_back(task->name);
  return json;
}

}  // namespace forger
