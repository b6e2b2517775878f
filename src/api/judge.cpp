#include "forger/judge.h"

#include "api/known_data.h"
#include "api/misfit.h"
#include "api/read_checks.h"
#include "api/session.h"
#include "core/device.h"
#include "core/fail.h"
#include "core/torch.h"
#include "data/samples.h"
#include "forger/run.h"
#include "referee/referee.h"
#include "referee/verdict.h"
#include "referee/ways.h"
#include "run/checkpoint.h"
#include "run/report.h"
#include "run/run_folder.h"

namespace forger {
namespace {

References make_references(const OpenedData& data, bool both_ways, bool full, uint64_t seed) {
  const auto too_few = too_few_to_judge(data.training->size(), data.held_out->size());
  if (!too_few.empty()) fail("judge: {}", too_few);
  return read_references(data, both_ways, images_looked_at(full ? "full" : "light"), seed);
}

std::vector<std::pair<int64_t, State>> read_timeline(const RunFolder& run) {
  std::vector<std::pair<int64_t, State>> timeline;
  for (const auto& said : RunReader(run.path()).verdicts().entries) timeline.emplace_back(said.step, said.state);
  return timeline;
}

}  // namespace

Judgement judge(const std::filesystem::path& run_folder, const JudgeOptions& options) {
  const auto run = RunFolder::open(run_folder);
  Config config = Config::from_file(run.config());
  config.data.source = !options.data.empty() ? options.data : run.data_source(config, "data");
  config.training.device = options.device;
  const auto state = read_latest_checkpoint(run);
  if (!state) fail("{}: there is no checkpoint to judge yet", run_folder.string());
  const auto data = open_data(config);
  expect_classes(run, data);
  config = resolved(std::move(config), data);
  config.super_resolution.perceptual_weights.clear();  // only a training needs that file
  const auto references = make_references(data, goes_both_ways(config), options.full, config.training.seed);

  // Checks of the training lead up to this one; the newest may be of the same moment.
  std::vector<Check> earlier;
  Check moment;
  moment.step = state->progress.step;
  moment.images = state->progress.images;
  moment.seconds = state->progress.seconds;
  for (const auto& check : read_checks(run)) {
    if (check.step < moment.step) earlier.push_back(check);
    if (check.step == moment.step) moment = check;
  }
  const auto game = make_game(config, game_input(data, choose_device(options.device)));
  const auto exhibit = [&game](bool back) { return back ? game->exhibit_back() : game->exhibit(); };
  auto [verdict, last] = judge_moment(config, exhibit, references, state->tensors, std::move(earlier), moment,
                                      options.full, options.language);
  return {std::move(verdict), read_timeline(run), notes_on_data(known_data(run), record_of(data)), data.incomplete};
}

Judgement judge_samples(const std::filesystem::path& samples, const DataOptions& options, const JudgeOptions& how) {
  const auto data = open_data(options);
  const auto images = load_samples(samples.string(), images_looked_at(how.full ? "full" : "light"), data.levels);
  const auto references = make_references(data, /*both_ways=*/false, how.full, 1);
  auto [verdict, check] = judge_samples(images, *references.front(), how.language);
  return {std::move(verdict), {}, {}, data.incomplete};
}

void write_report(const std::filesystem::path& run_folder, const std::filesystem::path& html, const Verdict& verdict,
                  const std::string& language) {
  write_file_atomically(html, report_page(RunFolder::open(run_folder), verdict, language));
}

}  // namespace forger
