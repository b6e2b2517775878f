#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "commands/commands.h"
#include "commands/flags.h"
#include "commands/images_in.h"
#include "commands/output.h"
#include "commands/processes.h"
#include "core/fail.h"
#include "core/json.h"
#include "core/plural.h"
#include "core/text.h"
#include "core/utf8.h"
#include "forger/evaluation.h"

namespace forger::commands {
namespace {

using nlohmann::ordered_json;

struct EvaluateArguments {
  std::string samples;
  std::string data;
  EvaluationOptions options;
  std::string inception;
  TaskOptions task;
  bool json = false;
  int64_t processes = 1;
};

/// JSON has no NaN.
ordered_json number(double value) { return std::isfinite(value) ? ordered_json(value) : ordered_json(); }

/// What the measures of both kinds share.
template <class AnyMeasure>
ordered_json measure_json(const AnyMeasure& measure) {
  ordered_json json{{"name", measure.name},
                    {"value", number(measure.value)},
                    {"interval", {number(measure.low), number(measure.high)}}};
  if (!measure.reason.empty()) json["reason"] = measure.reason;
  return json;
}

/// A line of a table: the value and its interval, or why there is none.
template <class AnyMeasure>
std::string value_text(const AnyMeasure& measure) {
  return measure.reason.empty() ? fmt::format("{:.4g}", measure.value) : "-";
}

template <class AnyMeasure>
std::string interval_text(const AnyMeasure& measure) {
  return std::isnan(measure.low) ? "" : fmt::format("{:.4g} to {:.4g}", measure.low, measure.high);
}

/// Says on standard error what was not measured, a line for each reason; returns the exit code.
template <class AnyMeasure>
int name_missing(const std::vector<AnyMeasure>& measures, int code) {
  std::vector<std::pair<std::string, std::string>> missing;  // reasons and what they are of
  for (const auto& measure : measures) {
    if (measure.reason.empty()) continue;
    const auto same =
        std::find_if(missing.begin(), missing.end(), [&](const auto& other) { return other.first == measure.reason; });
    if (same == missing.end()) {
      missing.emplace_back(measure.reason, measure.name);
    } else {
      same->second += ", " + measure.name;
    }
  }
  for (const auto& [reason, names] : missing) print_error("not measured: {}: {}\n", names, in_flags(reason));
  return missing.empty() ? code : kSomeSkipped;
}

ordered_json to_json(const EvaluateArguments& arguments, const Evaluation& evaluation) {
  ordered_json measures = ordered_json::array();
  for (const auto& measure : evaluation.measures) {
    measures.push_back(measure_json(measure));
    measures.back()["baseline"] = number(measure.baseline);
    measures.back()["better"] = measure.better;
  }
  return {{"samples", {{"source", arguments.samples}, {"count", evaluation.samples}, {"resize", evaluation.resize}}},
          {"reference",
           {{"source", arguments.data},
            {"count", evaluation.reference_images},
            {"split", evaluation.split},
            {"height", evaluation.height_px},
            {"width", evaluation.width_px},
            {"channels", evaluation.channels}}},
          {"baseline", {{"count", evaluation.baseline_images}}},
          {"features",
           {{"net", evaluation.feature_net},
            {"hash", evaluation.feature_hash},
            {"learned_from", arguments.inception.empty() ? evaluation.training_images : 0}}},
          {"warnings", evaluation.warnings},
          {"measures", measures}};
}

void print_text(const EvaluateArguments& arguments, const Evaluation& evaluation) {
  const bool learned = arguments.inception.empty();
  print("samples    {}: {}; resized: {}\n", printable(arguments.samples), evaluation.samples, evaluation.resize);
  print("reference  {}: {} images of {}x{}x{}, split: {}\n", printable(arguments.data), evaluation.reference_images,
        evaluation.height_px, evaluation.width_px, evaluation.channels,
        evaluation.split == "all" ? "one half of all images" : "the held-out part");
  print("baseline   {} {} against the same reference\n", evaluation.baseline_images,
        evaluation.split == "all" ? "images of the other half" : "training images");
  const auto features =
      fmt::format("{}, hash {}{}", evaluation.feature_net, evaluation.feature_hash,
                  learned ? fmt::format(", learnt from {} training images", evaluation.training_images) : "");
  print("features   {}\n\n", evaluation.feature_net.empty() ? "none" : features);
  print("{:<10} {:>10}   {:<24} {:>10}   {}\n", "measure", "value", "interval", "baseline", "better");
  for (const auto& measure : evaluation.measures) {
    const bool is_classifier = measure.name == "c2st" && measure.reason.empty();
    const auto interval = interval_text(measure) + (is_classifier ? " (90 %)" : "");
    const auto baseline = measure.reason.empty() ? fmt::format("{:.4g}", measure.baseline) : "-";
    print("{:<10} {:>10}   {:<24} {:>10}   {}\n", measure.name, value_text(measure), interval, baseline,
          measure.better);
  }
  print("\nIntervals are 95 %. {}\n",
        learned ? "fid, kid and vendi are in features learnt from this data: they compare only where the hash is the "
                  "same, and not with published numbers (--inception FILE for those)."
                : "Values compare where hash, counts, split and resizing are the same.");
}

ordered_json to_json(const TaskEvaluation& evaluation) {
  ordered_json measures = ordered_json::array();
  for (const auto& measure : evaluation.measures) {
    measures.push_back(measure_json(measure));
    if (!measure.definition.empty()) measures.back()["definition"] = measure.definition;
  }
  ordered_json json{{"images", evaluation.images}, {"normal", evaluation.normal},   {"anomalous", evaluation.anomalous},
                    {"masks", evaluation.masks},   {"skipped", evaluation.skipped}, {"warnings", evaluation.warnings},
                    {"measures", measures}};
  if (!evaluation.small_images.empty()) json["small_images"] = evaluation.small_images;
  if (!evaluation.pairs.empty()) json["pairs"] = evaluation.pairs;
  return json;
}

void print_text(const TaskEvaluation& evaluation) {
  print("images     {}", evaluation.images);
  if (evaluation.anomalous > 0) print(": {} normal, {} others", evaluation.normal, evaluation.anomalous);
  if (evaluation.masks > 0) print("; {}", counted(evaluation.masks, "mask"));
  if (!evaluation.small_images.empty()) print("\nsmall      {}", printable(evaluation.small_images));
  if (!evaluation.pairs.empty()) print("\n{}", printable(evaluation.pairs));
  print("\n\n{:<28} {:>10}   {}\n", "measure", "value", "95 % interval");
  for (const auto& measure : evaluation.measures) {
    print("{:<28} {:>10}   {}\n", printable(measure.name), value_text(measure), interval_text(measure));
  }
  std::string before;
  for (const auto& measure : evaluation.measures) {
    if (measure.definition == before) continue;
    print("{}{}: {}\n", before.empty() ? "\n" : "", printable(measure.name), printable(measure.definition));
    before = measure.definition;
  }
}

bool is_one_of(const std::string& metric, const std::vector<std::string>& names) {
  return std::find(names.begin(), names.end(), metric) != names.end();
}

/// Of a translator, measures that other models' samples have as well are of what it makes of images.
bool asks_for_task(const std::string& metric, const std::string& samples) {
  if (!is_one_of(metric, task_metrics())) return false;
  return !is_one_of(metric, evaluation_metrics()) || is_translator(samples);
}

/// Here --resize is for samples; how images come to the model's size is --fit.
std::string with_fit(const std::string& message) { return in_flags(in_flags(message, "resize", "--fit")); }

TaskEvaluation evaluate_images(const EvaluateArguments& arguments) {
  try {
    return evaluate_task(arguments.samples, arguments.data, arguments.task);
  } catch (const Error& error) {
    throw Error(with_fit(error.what()));
  }
}

int evaluate_task_command(EvaluateArguments& arguments) {
  auto& task = arguments.task;
  task.metrics = arguments.options.metrics;
  task.device = arguments.options.device;
  task.count = arguments.options.count;
  const auto is_task = [&](const std::string& metric) { return asks_for_task(metric, arguments.samples); };
  const auto other = std::find_if_not(task.metrics.begin(), task.metrics.end(), is_task);
  if (other != task.metrics.end()) {
    fail(
        "--metrics: received {}, which measures samples, beside {}, which measures what a model makes of images; "
        "accepted: "
        "one of the two kinds in a call",
        *other, *std::find_if(task.metrics.begin(), task.metrics.end(), is_task));
  }
  const TaskEvaluation evaluation = evaluate_images(arguments);
  if (!leads(task.team)) return 0;
  for (const auto& warning : evaluation.warnings) print_error("warning: {}\n", printable(with_fit(warning)));
  for (const auto& reason : evaluation.skipped) print_error("skipped: {}\n", printable(with_fit(reason)));
  if (evaluation.clipped > 0) {
    print_error("clipped: {} with 16-bit values beyond the model's levels\n", counted(evaluation.clipped, "image"));
  }
  if (arguments.json) {
    print("{}\n", json_text(to_json(evaluation), 2));
  } else {
    print_text(evaluation);
  }
  return name_missing(evaluation.measures, evaluation.skipped.empty() ? 0 : kSomeSkipped);
}

int evaluate_command(EvaluateArguments& arguments, const std::shared_ptr<Team>& team) {
  arguments.options.team = arguments.task.team = team;
  const auto is_task = [&](const std::string& metric) { return asks_for_task(metric, arguments.samples); };
  if (std::ranges::any_of(arguments.options.metrics, is_task)) {
    return evaluate_task_command(arguments);
  }
  for (const auto& [flag, value] :
       {std::pair("--low", arguments.task.low), std::pair("--pristine", arguments.task.pristine),
        std::pair("--pairs", arguments.task.pairs), std::pair("--direction", arguments.task.direction)}) {
    if (value.empty()) continue;
    fail("{}: received {} with measures of samples, accepted with measures of upscalers and translators (--metrics)",
         flag, value);
  }
  arguments.options.inception = arguments.inception;
  const Evaluation evaluation = evaluate(arguments.samples, arguments.data, arguments.options);
  if (!leads(team)) return 0;
  for (const auto& reason : evaluation.incomplete) print_error("incomplete: {}\n", printable(reason));
  for (const auto& warning : evaluation.warnings) print_error("warning: {}\n", printable(warning));
  if (arguments.json) {
    print("{}\n", json_text(to_json(arguments, evaluation), 2));
  } else {
    print_text(arguments, evaluation);
  }
  return name_missing(evaluation.measures, 0);
}

}  // namespace

void add_evaluate(Program& program) {
  auto arguments = std::make_shared<EvaluateArguments>();
  auto& options = arguments->options;
  auto* command = program.app.add_subcommand("evaluate", "Measure samples against data: FID, KID, coverage and others");
  command
      ->add_option("SAMPLES", arguments->samples,
                   "Model file, run folder, .npz file (images uint8 [N, H, W, C]) or folder of images")
      ->required();
  command->add_option("DATA", arguments->data, "The data to compare with, as for `forger train`")->required();
  auto metrics = evaluation_metrics();
  std::ranges::copy_if(task_metrics(), std::back_inserter(metrics),
                       [&](const std::string& metric) { return !is_one_of(metric, evaluation_metrics()); });
  command
      ->add_option("--metrics", options.metrics,
                   "What to measure, separated by commas; default: all of samples; of what a model makes of DATA: "
                   "reconstruction, auroc, pixel-auroc, pro; of upscalers and translators: psnr-y, ssim-y, psnr, ssim, "
                   "l1, feature-distance, niqe, which is also of a folder of pictures; fid and kid of translators, too")
      ->delimiter(',')
      ->option_text(fmt::format("NAME,NAME,…:{{{}}}", join(metrics, ",")))
      ->allow_extra_args(false)
      ->check(CLI::IsMember(metrics));
  command->add_option("--inception", arguments->inception,
                      "The Inception network of FID: TorchScript, or its weights as .safetensors");
  command
      ->add_option(
          "--count", options.count,
          "Samples taken; default: as many as reference images, at most 10,000. Of DATA for reconstruction and "
          "auroc: images looked at, evenly spread; default: all, but 100 where a model without encoder has to "
          "search")
      ->check(CLI::Range(1, 1'000'000));
  command->add_option("--seed", options.seed, "Seed of latents and of all choices")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command->add_option("--split", options.split, "Reference images: held-out, as the training splits the data, or all")
      ->check(CLI::IsMember({"held-out", "all"}))
      ->capture_default_str();
  command->add_option(
      "--levels", options.levels,
      "How 16-bit images become 8 bits, as data.levels; default: as the model's training did, else keep");
  command->add_flag("--resize", options.resize, "Bring samples of another size, or of many, to the data's");
  command
      ->add_option("--normal", arguments->task.normal,
                   "auroc: classes of DATA that are normal, by name or number, separated by commas; default: good, or "
                   "those trained on")
      ->delimiter(',')
      ->option_text("CLASS,CLASS,…")
      ->allow_extra_args(false);
  command
      ->add_option("--fit", arguments->task.resize,
                   "reconstruction, auroc: bring images of another size to the model's; default: look at tiles")
      ->check(CLI::IsMember({"crop", "pad", "stretch"}));
  command->add_option("--low", arguments->task.low,
                      "psnr-y …: the small images of DATA's pictures, a data set with the same names; default: made of "
                      "them, bicubic");
  command
      ->add_option(
          "--pairs", arguments->task.pairs,
          "l1 … of a translator: where DATA's pairs come from; default: as in its training, or what lies there")
      ->check(CLI::IsMember({"folders", "side-by-side", "edges", "grey", "blur", "mask"}));
  command
      ->add_option("--direction", arguments->task.direction,
                   "l1 … of a translator: which side of the pairs is made; default: as in its training")
      ->check(CLI::IsMember({"a2b", "b2a"}));
  command->add_option("--pristine", arguments->task.pristine,
                      "niqe of an upscaler: photographs to fit it on, a data set; default: DATA");
  command->add_flag("--json", arguments->json, "Print JSON");
  command->add_option("--device", options.device, "Where a model draws: auto, cpu, cuda or cuda:N")
      ->capture_default_str();
  add_processes(*command, arguments->processes);
  command->callback([arguments, &program] {
    program.exit_code = in_processes(arguments->processes, kProcessTimeoutSeconds,
                                     [&](const auto& team) { return evaluate_command(*arguments, team); });
  });
}

}  // namespace forger::commands
