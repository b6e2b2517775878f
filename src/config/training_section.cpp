#include "config/option_helpers.h"
#include "config/sections.h"
#include "core/fail.h"

namespace forger {
namespace {

bool is_device(std::string_view text) {
  if (text == "auto" || text == "cpu" || text == "cuda") return true;
  if (!text.starts_with("cuda:")) return false;
  const auto index = text.substr(5);
  return !index.empty() && index.size() <= 2 && index.find_first_not_of("0123456789") == std::string_view::npos;
}

Accepted precisions() {
  return {
      .words = {"auto", "bfloat16", "float32"},
      .other_names = {{"bf16", "bfloat16"}, {"fp32", "float32"}, {"fp16", "bfloat16"}, {"amp", "auto"}},
  };
}

void check_training(const Config& config) {
  const TrainingOptions& training = config.training;
  if (training.batch_size % training.accumulate != 0) {
    fail("training.accumulate: received {}, accepted: a divisor of training.batch_size, which is {}",
         training.accumulate, training.batch_size);
  }
  if (training.schedule == "constant") return;
  // Of a budget in minutes or images nobody knows yet how many steps it is.
  const int64_t length = training.schedule_steps > 0 ? training.schedule_steps : training.steps;
  if (length == 0 && training.minutes == 0 && training.images == 0) {
    fail(
        "training.schedule: received \"{}\" without a length, accepted: with training.schedule_steps, or a budget "
        "(training.steps, training.minutes, training.images), above 0",
        training.schedule);
  }
  if (length > 0 && training.warmup_steps >= length) {
    fail("training.warmup_steps: received {}, accepted: fewer than the schedule's {} steps", training.warmup_steps,
         length);
  }
}

}  // namespace

Section training_section() {
  return {
      "training",
      {
          {"training.batch_size", place<&Config::training, &TrainingOptions::batch_size>, range(1, 65536),
           "Images in a batch. Memory grows with it."},
          {"training.accumulate", place<&Config::training, &TrainingOptions::accumulate>, range(1, 65536),
           "Splits a batch into so many parts whose gradients are averaged: less memory, more time."},
          {"training.steps", place<&Config::training, &TrainingOptions::steps>, count(),
           "Budget in generator turns; 0: no such limit. The first of the three budgets to be reached ends "
           "it."},
          {"training.minutes", place<&Config::training, &TrainingOptions::minutes>, range(0, 1e7),
           "Budget in minutes; 0: no such limit."},
          {"training.images", place<&Config::training, &TrainingOptions::images>, count(),
           "Budget in real images shown; 0: no such limit."},
          {"training.precision", place<&Config::training, &TrainingOptions::precision>, precisions(),
           "auto: bfloat16 where the hardware has it. Penalties are always float32."},
          {"training.device",
           place<&Config::training, &TrainingOptions::device>,
           {.form = is_device, .form_in_words = "auto, cpu, cuda, cuda:N"},
           "Where the networks run."},
          {"training.threads", place<&Config::training, &TrainingOptions::threads>, range(0, 4096),
           "Processor threads for the networks; 0: LibTorch's choice."},
          {"training.batch_norm", place<&Config::training, &TrainingOptions::batch_norm>, words({"sync", "each"}),
           "Of several processes: batch statistics of all of them (sync) or of each."},
          {"training.process_timeout", place<&Config::training, &TrainingOptions::process_timeout>, range(1, 86400),
           "Seconds after which a process that does not answer is taken for lost, and the training ends."},
          // TOML and JavaScript keep whole numbers up to here exactly.
          {"training.seed", place<&Config::training, &TrainingOptions::seed>, range(0, 9007199254740991),
           "The same seed, data and machine give the same weights."},
          {"training.first_turn", place<&Config::training, &TrainingOptions::first_turn>,
           words({"discriminator", "generator"}), "Which player moves first in a step."},
          {"training.schedule", place<&Config::training, &TrainingOptions::schedule>,
           words({"constant", "linear", "cosine"}), "How the learning rates fall to final_rate."},
          {"training.final_rate", place<&Config::training, &TrainingOptions::final_rate>, share(),
           "What is left of the learning rates at the end of the schedule, as a share of their start."},
          {"training.schedule_steps", place<&Config::training, &TrainingOptions::schedule_steps>, count(),
           "Length of the schedule; 0: the budget, whether in steps, minutes or images."},
          {"training.warmup_steps", place<&Config::training, &TrainingOptions::warmup_steps>, count(),
           "Steps in which the learning rates grow linearly from 0."},
          {"training.checkpoint_steps", place<&Config::training, &TrainingOptions::checkpoint_steps>, count(),
           "A checkpoint after so many steps; 0: not by steps."},
          {"training.checkpoint_minutes", place<&Config::training, &TrainingOptions::checkpoint_minutes>, range(0, 1e7),
           "A checkpoint after so many minutes; 0: not by minutes."},
          {"training.checkpoint_keep", place<&Config::training, &TrainingOptions::checkpoint_keep>, range(1, 1e6),
           "How many of the newest checkpoints stay."},
          {"training.preview_steps", place<&Config::training, &TrainingOptions::preview_steps>, count(),
           "A sample grid after so many steps; 0: with checkpoints only."},
          {"training.report_steps", place<&Config::training, &TrainingOptions::report_steps>, range(1, 1e9),
           "A line of steps.jsonl after so many steps."},
          {"training.weight_norm_steps", place<&Config::training, &TrainingOptions::weight_norm_steps>, range(1, 1e9),
           "Weight norms and update ratios are measured in every k-th step; each time costs a copy of the weights."},
          {"training.max_bad_steps", place<&Config::training, &TrainingOptions::max_bad_steps>, range(1, 1e6),
           "Non-finite steps in a row before the run rolls back once, with half the learning rates."},
          {"training.tensorboard",
           place<&Config::training, &TrainingOptions::tensorboard>,
           {},
           "Writes TensorBoard event files into the run folder."},
      },
      check_training};
}

}  // namespace forger
