#include "forger/training.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/known_data.h"
#include "api/learn_detector.h"
#include "api/misfit.h"
#include "api/read_checks.h"
#include "api/recorder.h"
#include "api/session.h"
#include "api/team_training.h"
#include "config/parse.h"
#include "core/fail.h"
#include "core/team.h"
#include "core/text.h"
#include "core/torch.h"
#include "data/conversion.h"
#include "data/source.h"
#include "model/safetensors.h"
#include "players/precision.h"
#include "referee/detectors.h"
#include "referee/mender.h"
#include "referee/referee.h"
#include "referee/verdict.h"
#include "referee/ways.h"
#include "run/build_info.h"
#include "run/checkpoint.h"

namespace forger {
namespace {

/// One training: batches feed the trainer, the referee watches, the recorder leaves traces in the run folder.
class Training {
 public:
  Training(TrainingSession& session, const RunFolder& run, const TrainingHooks& hooks)
      : session_(session), run_(run), hooks_(hooks), recorder_(run, session, hooks), mender_(session.config.referee) {
    for (const auto& reason : session.data.incomplete) recorder_.message("incomplete: " + reason);
    for (const auto& notice : session.data.notices) recorder_.message(notice);
    if (session.config.referee.mode == "off") return;
    const auto too_few = too_few_to_judge(session.data.training->size(), session.data.held_out->size());
    if (!too_few.empty()) {
      recorder_.message("no verdicts: " + too_few);
      return;
    }
    referee_ = std::make_unique<Referee>(
        session.config, [&session](bool back) { return back ? session.game->exhibit_back() : session.game->exhibit(); },
        session.data, read_checks(run));
    if (!session.config.referee.mend) return;
    if (std::filesystem::exists(run.mending())) mender_.restore(read_safetensors(run.mending()));
    trust_latest_checkpoint();
  }

  void say(const std::string& text) { recorder_.message(text); }

  TrainingResult run() {
    if (hooks_.on_start) hooks_.on_start(session_.config);
    const int64_t first_step = session_.trainer->progress().step;
    if (first_step == 0) recorder_.checkpoint();
    TrainingEnd end;
    std::optional<int64_t> first_bytes;
    do {
      order_.reset();
      session_.trainer->share_state();
      if (session_.team && !first_bytes) first_bytes = session_.team->bytes_sent();
      end = session_.trainer->run({
          .report = [&](const StepReport& report) { return after_step(report); },
          .checkpoint = [&] { recorder_.checkpoint(); },
          .preview = [&] { recorder_.preview(); },
          .roll_back = [&] { recorder_.roll_back(); },
          .stop_requested = [&] { return hooks_.stop_requested && hooks_.stop_requested(); },
      });
      if (end == TrainingEnd::diverged) judge_divergence();
      if (session_.team) session_.team->text(order_ ? order_->config.to_toml() : "");
      if (order_) carry_out(*order_);
    } while (order_);
    const int64_t step = session_.trainer->progress().step;
    const bool said = step == checked_step_ && verdict_ && verdict_->state != State::warming_up;
    if (end == TrainingEnd::finished && referee_ && step > first_step && !said) conclude();
    if (const Team* team = session_.team.get(); team && step > first_step) {
      const int64_t bytes = (team->bytes_sent() - *first_bytes) / (step - first_step);
      recorder_.message(fmt::format("{} processes; each handed {} a step to the others", team->size(),
                                    format_bytes(static_cast<double>(bytes))));
    }
    recorder_.finish(end);
    return {end, run_.path(), session_.trainer->progress().step, session_.trainer->progress().seconds, verdict_};
  }

 private:
  /// A run that was healthy when it stopped, and is now to be mended, has its last checkpoint to go back to.
  void trust_latest_checkpoint() {
    const auto step = session_.trainer->progress().step;
    const auto last = last_line(run_.verdicts());
    const auto said = last ? verdict_in(*last) : std::nullopt;
    if (step == 0 || !said || std::filesystem::exists(run_.healthy_checkpoints())) return;
    if (said->state != State::warming_up && !is_sick(said->state)) add_healthy_checkpoint(run_, step);
  }

  Signal after_step(const StepReport& report) {
    recorder_.report(report);
    if (!referee_) return Signal::go_on;
    referee_->watch(report);
    // Not amid steps that were not applied: the trainer rolls back by itself first.
    if (!report.finite) return Signal::go_on;
    if (referee_->should_keep(now())) referee_->keep(session_.trainer->state().tensors, now());
    tell_of_too_few_checks();
    if (!referee_->is_due(now())) return Signal::go_on;
    check(session_.config.referee.mend);
    if (!referee_) return Signal::go_on;
    if (order_) return Signal::leave;
    const auto& until = session_.config.referee.until;
    const bool settled = until != "budget" && (verdict_->state == State::converged ||
                                               (until == "plateau" && verdict_->state == State::good_plateau));
    return settled ? Signal::stop : Signal::go_on;
  }

  void tell_of_too_few_checks() {
    if (told_of_too_few_checks_) return;
    const auto text = referee_->too_few_checks(now());
    told_of_too_few_checks_ = !text.empty();
    if (told_of_too_few_checks_) recorder_.message(text);
  }

  Moment now() const {
    const auto& progress = session_.trainer->progress();
    return {progress.step, progress.images, progress.seconds};
  }

  /// Lets the referee judge the present moment by one of its ways to. False: it cannot, and says no more.
  bool ask(Verdict (Referee::*judge)(const TensorMap&, const Moment&)) {
    try {
      verdict_ = (*referee_.*judge)(session_.trainer->state().tensors, now());
    } catch (const Error& error) {
      // Data that cannot be judged can still be trained on.
      recorder_.message(fmt::format("no verdicts: {}", error.what()));
      referee_.reset();
    }
    checked_step_ = now().step;
    return referee_ != nullptr;
  }

  void check(bool may_mend) {
    if (!ask(&Referee::check)) return;
    if (may_mend) mend(/*has_samples=*/true);
    recorder_.verdict(*verdict_, referee_->history().back(), is_healthy());
  }

  /// Whether mending may come back to the present moment. An attempt that was just kept is over, and what it left is
  /// healthy.
  bool is_healthy() const {
    const auto game = present_game(referee_->history()), back = way_back(game);
    return session_.config.referee.mend && !is_sick(verdict_->state) && !mender_.is_trying() &&
           worth_going_back_to(game, Limits{}) && (back.empty() || worth_going_back_to(back, Limits{}));
  }

  /// The last word of a training that used up its budget.
  void conclude() {
    if (!referee_->may_conclude(now())) return;
    if (const double seconds = referee_->conclude_seconds(now()); seconds > kLongCheckSeconds)
      recorder_.message(fmt::format("checking the samples of the last step (about {:.0f} s) ...", seconds));
    const bool checked = checked_step_ == now().step;
    if (!ask(&Referee::conclude)) return;
    if (checked) {
      recorder_.verdict(*verdict_);  // what it measured first stands in the journal
    } else {
      recorder_.verdict(*verdict_, referee_->history().back(), is_healthy());
    }
  }

  void judge_divergence() {
    verdict_ =
        diverged_verdict(session_.trainer->progress().step, recorder_.bad_since(), session_.config, Texts::in("en"));
    if (session_.config.referee.mend && referee_) mend(/*has_samples=*/false);
    recorder_.verdict(*verdict_);
  }

  void mend(bool has_samples) {
    // Of the way that is being mended, or is now to be.
    const bool back = is_way_back(session_.config, mender_.way(*verdict_));
    const auto samples = has_samples ? referee_->sample_features(back) : at::Tensor();
    const auto checks = back ? way_back(referee_->history()) : referee_->history();
    order_ = mender_.decide(*verdict_, session_.config, samples, referee_->unseen_features(back),
                            !checks.empty() && beyond_noise(checks.back()));
    verdict_->mend = order_ ? order_->event : mender_.take_kept();
    if (!verdict_->mend) return;
    write_safetensors(run_.mending(), mender_.state());
    const auto& event = *verdict_->mend;
    recorder_.message(fmt::format("mending, attempt {} {}: {}", event.attempt, event.action, event.remedy.what));
    healthy_.reset();
    if (order_ && !order_->restarts) healthy_ = read_healthy_checkpoint(run_, order_->sick_since);
    if (healthy_) verdict_->mend->back_to_step = healthy_->progress.step;
    // Weights from before a start with new networks do not fit these.
    if (event.action == "kept" && event.remedy.restarts && event.against != State::diverged) {
      std::filesystem::remove(run_.healthy_checkpoints());
    }
  }

  /// Goes on with what mending ordered: other settings, and weights from before the sickness, or new ones.
  void carry_out(const Order& order) {
    session_.change(order.config);
    auto progress = session_.trainer->progress();
    progress.bad_in_row = 0;
    progress.rolled_back = false;
    progress.rate_factor = 1;
    session_.trainer->restore_weights(healthy_ ? healthy_->tensors : session_.trainer->state().tensors, progress);
    recorder_.forget_best();
    write_file_atomically(run_.config(), session_.config.to_toml());
    recorder_.checkpoint();  // the newest one fits the configuration at any moment
    referee_->start_over(session_.config);
  }

  TrainingSession& session_;
  const RunFolder& run_;
  const TrainingHooks& hooks_;
  Recorder recorder_;
  Mender mender_;
  std::unique_ptr<Referee> referee_;  // null: off
  std::optional<Verdict> verdict_;
  std::optional<Order> order_;
  std::optional<TrainingState> healthy_;
  int64_t checked_step_ = -1;
  bool told_of_too_few_checks_ = false;
};

TrainingResult start(const Config& config, const std::filesystem::path& run_folder, const TrainingHooks& hooks) {
  TrainingSession session(config, hooks);
  const auto notices = agree(session);
  if (session.team && session.team->rank() > 0) return step_along(session, hooks);
  const auto run = RunFolder::create(run_folder, session.config);
  write_file_atomically(run.data(), to_json(session.record));
  write_file_atomically(
      run.build(), build_info_json(session.device, uses_bfloat16(session.config.training.precision, session.device)));
  Training training(session, run, hooks);
  for (const auto& notice : notices) training.say(notice);
  for (const auto& note : conversion_notes(session.data, config.data))
    training.say(fmt::format("{}: {}", note.subject, note.text));
  return training.run();
}

/// A process that is not rank 0 has the configuration from it.
TrainingResult go_on_along(const TrainingHooks& hooks) {
  TrainingSession session(parse_config(hooks.team->text(""), "rank 0's recipe", ""), hooks);
  agree(session);
  return step_along(session, hooks);
}

TrainingResult go_on(const std::filesystem::path& run_folder,
                     const std::vector<std::pair<std::string, std::string>>& settings, const TrainingHooks& hooks) {
  const auto run = RunFolder::open_to_train(run_folder);
  std::vector<std::string> old_keys;
  const Config saved = Config::from_file(run.config(), &old_keys);
  Config config = saved;
  for (const auto& [key, value] : settings) config.set(key, value, &old_keys);
  const bool same_place = std::none_of(settings.begin(), settings.end(),
                                       [](const auto& setting) { return setting.first == "data.source"; });
  config.data.source = same_place ? run.data_source(config, "data.source")
                                  : source_from(std::filesystem::current_path(), config.data.source);
  if (hooks.team) hooks.team->text(config.to_toml());
  TrainingSession session(config, hooks);
  const auto notices = agree(session);
  if (same_place) session.config.data.source = saved.data.source;  // stays as it was typed
  const auto known = known_data(run);
  auto files = known ? known->files : std::map<std::string, std::string>{};
  for (const auto& [key, value] : settings) files.erase(key);  // meant to be another
  expect_files(files, session);
  if (const auto state = read_latest_checkpoint(run)) {
    try {
      session.trainer->restore(*state);
    } catch (const Error&) {
      explain_misfit(run, saved, session);
      throw;
    }
  }
  if (!settings.empty()) write_file_atomically(run.config(), session.config.to_toml());
  const auto notes = notes_on_data(known, session.record);
  session.record.mixed = !known || known->mixed || change_between(*known, session.record).mixes;
  write_file_atomically(run.data(), to_json(session.record));
  Training training(session, run, hooks);
  for (const auto& notice : notices) training.say(notice);
  for (const auto& notice : old_keys) training.say(notice);
  for (const auto& note : notes) training.say(note);
  return training.run();
}

}  // namespace

std::string end_name(TrainingEnd end) {
  switch (end) {
    case TrainingEnd::finished: return "finished";
    case TrainingEnd::settled: return "settled";
    case TrainingEnd::stopped: return "stopped";
    case TrainingEnd::diverged: return "diverged";
  }
  return "";
}

TrainingResult train(const Config& config, const std::filesystem::path& run_folder, const TrainingHooks& hooks) {
  return in_team(hooks.team.get(), [&] { return start(config, run_folder, hooks); });
}

TrainingResult resume(const std::filesystem::path& run_folder,
                      const std::vector<std::pair<std::string, std::string>>& settings, const TrainingHooks& hooks) {
  return in_team(hooks.team.get(), [&] {
    return hooks.team && hooks.team->rank() > 0 ? go_on_along(hooks) : go_on(run_folder, settings, hooks);
  });
}

}  // namespace forger
