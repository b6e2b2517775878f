#include "api/recorder.h"

#include <fmt/chrono.h>
#include <fmt/ranges.h>
#include <torch/version.h>

#include <algorithm>
#include <ctime>

#include "api/known_pairs.h"
#include "api/learn_detector.h"
#include "api/preview_points.h"
#include "api/read_checks.h"
#include "build_constants.h"
#include "config/game_table.h"
#include "core/fail.h"
#include "core/json.h"
#include "core/plural.h"
#include "core/random.h"
#include "core/torch.h"
#include "core/utf8.h"
#include "data/samples.h"
#include "games/exhibit.h"
#include "image/grid.h"
#include "image/kind_colors.h"
#include "image/png.h"
#include "model/model_file.h"
#include "referee/verdict.h"
#include "run/checkpoint.h"

namespace forger {
namespace {

constexpr int64_t kPreviewImages = 64;
constexpr int64_t kPreviewPoints = 2048;
/// Of games that make images from images, each beside what it was made from and its truth.
constexpr int64_t kPreviewPairs = 12;
constexpr int64_t kTensorBoardEvery = 10;  // steps; scalars of every step would only slow its charts down

std::string time_text() { return fmt::format("{:%FT%TZ}", fmt::gmtime(std::time(nullptr))); }

/// The tensors of the parts: of role r the averaged weights, "r.averaged.x" as "r.x", where the training averages, and
/// with `keeps_raw` beside them the last ones, "r.network.x" as "raw_r.x".
std::map<std::string, at::Tensor> model_tensors(const TensorMap& state, const std::vector<ModelPart>& parts) {
  std::map<std::string, at::Tensor> tensors;
  const auto take = [&](const std::string& from, const std::string& to) {
    bool found = false;
    for (auto item = state.lower_bound(from); item != state.end() && item->first.starts_with(from); ++item) {
      tensors[to + item->first.substr(from.size())] = item->second;
      found = true;
    }
    return found;
  };
  for (const auto& part : parts) {
    const bool averages = take(part.role + ".averaged.", part.role + ".");
    if (!averages) take(part.role + ".network.", part.role + ".");
    if (averages && part.keeps_raw) take(part.role + ".network.", "raw_" + part.role + ".");
  }
  return tensors;
}

/// Images of any channels as RGB; what is see-through lies over white.
at::Tensor in_colors(const at::Tensor& images) {
  if (images.size(1) != 4) return images.expand({-1, 3, -1, -1});
  const auto alpha = (images.narrow(1, 3, 1) + 1) / 2;
  return images.narrow(1, 0, 3) * alpha + (1 - alpha);
}

/// Where images are made from label maps, how many kinds these have; else 0.
int64_t kinds_of_sources(const Config& config) {
  return game_named(config.game).data == DataKind::pairs ? config.pairs.kinds : 0;
}

/// Images side by side, of the sides of the last ones: what others were made from, these, and what else there is of
/// them: `[N, C, H, 2 or 3 W]`.
at::Tensor beside(std::vector<at::Tensor> images) {
  images[0] = at::upsample_nearest2d(images[0], images[1].sizes().slice(2));
  const bool alike = std::ranges::all_of(images, [&](const auto& one) { return one.size(1) == images[0].size(1); });
  if (!alike) std::ranges::transform(images, images.begin(), in_colors);
  return at::cat(images, 3);
}

/// Of a game that goes both ways: images, what was made of them, and what came of that on the way back, for each kind
/// in turn; of one that goes one way, without the last.
at::Tensor there_and_back(Game& game, PreviewInput input, const at::Tensor& images) {
  const auto sources = input.sources;
  const auto made = game.preview(input).cpu();
  const auto from = [&](const at::Tensor& some) {
    input.sources = some;
    return input;
  };
  const auto back = game.preview_back(from(made));
  if (!back.defined()) return beside({sources, made});
  const auto made_of_images = game.preview_back(from(images)).cpu();
  const auto again = game.preview(from(made_of_images)).cpu();
  const auto first = beside({sources, made, back.cpu()}), second = beside({images, made_of_images, again});
  if (first.size(1) == second.size(1)) return at::cat({first, second});
  return at::cat({in_colors(first), in_colors(second)});
}

void write_scalars(TensorBoardWriter& writer, const StepReport& report) {
  for (const auto& [name, loss] : report.losses) writer.scalar("loss/" + name, loss, report.step);
  writer.scalar("logits/real", report.real.mean, report.step);
  writer.scalar("logits/fake", report.fake.mean, report.step);
  writer.scalar("p_real/real", report.real.p_real, report.step);
  writer.scalar("p_real/fake", report.fake.p_real, report.step);
  for (const auto& player : report.players) {
    writer.scalar("gradient_norm/" + player.name, player.gradient_norm, report.step);
    writer.scalar("weight_norm/" + player.name, player.weight_norm, report.step);
    writer.scalar("update_ratio/" + player.name, player.update_ratio, report.step);
    writer.scalar("learning_rate/" + player.name, player.learning_rate, report.step);
  }
  writer.scalar("speed/images_per_second", report.images_per_second, report.step);
}

}  // namespace

Recorder::Recorder(const RunFolder& run, TrainingSession& session, const TrainingHooks& hooks)
    : run_(run), session_(session), hooks_(hooks), log_(run.log()) {
  const int64_t step = session.trainer->progress().step;
  open_journals(step);
  if (std::filesystem::exists(run.best_checkpoint())) {
    for (const auto& check : read_checks(run)) {
      if (check.features_work && check.finite) best_kid_ = std::min(best_kid_, check.kid);
    }
  }
  if (session.config.training.tensorboard) {
    make_folder(run.tensorboard());
    tensorboard_ = std::make_unique<TensorBoardWriter>(run.tensorboard(), step + 1);
  }
  log_.append(fmt::format("{} {} at step {} with {} training and {} held-out images\n", time_text(),
                          step == 0 ? "start" : "resume", step, session.data.training->size(),
                          session.data.held_out->size()));
}

void Recorder::open_journals(int64_t last_step) {
  const auto open = [&](std::unique_ptr<Journal>& journal, const std::filesystem::path& path) {
    if (journal) journal->close();
    journal = std::make_unique<Journal>(path, last_step);
  };
  open(steps_, run_.steps());
  open(verdicts_, run_.verdicts());
  open(metrics_, run_.metrics());
}

void Recorder::report(const StepReport& report) {
  if (report.step % session_.config.training.report_steps == 0) steps_->append(to_json(report));
  if (tensorboard_ && report.step % kTensorBoardEvery == 0) write_scalars(*tensorboard_, report);
  if (report.finite) {
    bad_since_ = 0;
  } else {
    if (bad_since_ == 0) bad_since_ = report.step;
    message(fmt::format("step {}: losses or gradients are not finite; the step was not applied", report.step));
  }
  report_bad_images();
  if (hooks_.on_step) hooks_.on_step(report);
}

void Recorder::checkpoint() {
  const auto state = session_.trainer->state();
  write_checkpoint(run_, state, session_.config.training.checkpoint_keep);
  write_model_file(state, /*with_detector=*/false);
  preview();
  log_.append(fmt::format("{} checkpoint at step {}\n", time_text(), session_.trainer->progress().step));
}

void Recorder::write_model_file(const TrainingState& state, bool with_detector) {
  const Config& config = session_.config;
  ModelFile model;
  model.game = config.game;
  model.parts = session_.game->parts();
  model.shape = session_.data.shape;
  model.source_shape = session_.data.source_shape;
  model.source_kinds = kinds_of_sources(config);
  model.levels = session_.data.levels;
  if (session_.data.classes > 0) model.class_names = session_.data.training->class_names();
  for (auto& name : model.class_names) name = printable(name);  // folders may be called anything, JSON is UTF-8
  model.tensors = model_tensors(state.tensors, model.parts);
  if (with_detector) add_detector(model, session_);
  model.provenance = {{"recipe", config.recipe},
                      {"data", config.data.source},
                      {"data_record", to_json(session_.record)},
                      {"steps", std::to_string(state.progress.step)},
                      {"images", std::to_string(state.progress.images)},
                      {"seed", std::to_string(config.training.seed)},
                      {"objective", config.objective.name},
                      {"forger", FORGER_VERSION},
                      {"revision", FORGER_REVISION},
                      {"libtorch", TORCH_VERSION},
                      {"written", time_text()}};
  if (learns_translation(config)) model.provenance["pairs"] = to_json(KnownPairs{config.pairs, config.data.fit});
  if (!config.data.classes.empty())
    model.provenance["classes"] = fmt::format("{}", fmt::join(config.data.classes, ","));
  write_model(run_.model(), model);
}

void Recorder::preview() {
  const bool points = session_.data.shape.is_point(), pairs = session_.data.source_shape.numbers() > 0;
  if (pairs) choose_preview_pairs();
  if (!pairs && !std::filesystem::exists(run_.real_preview())) write_real_preview();
  auto& game = *session_.game;
  const PreviewInput input{.count = points  ? kPreviewPoints
                                    : pairs ? preview_sources_.size(0)
                                            : kPreviewImages,
                           .seed = session_.config.training.seed,
                           .sources = preview_sources_};
  const bool has_truths = game_named(session_.config.game).data != DataKind::sides;
  const auto sources = kinds_of_sources(session_.config) > 0 ? in_kind_colors(preview_sources_) : preview_sources_;
  const auto samples = !pairs       ? game.preview(input)
                       : has_truths ? beside({sources, game.preview(input).cpu(), preview_truths_})
                                    : there_and_back(game, input, preview_truths_);
  const auto picture = sample_picture(samples);
  const auto step = session_.trainer->progress().step;
  const auto png = encode_png(picture);
  // Before the picture: whoever sees that finds the numbers, too.
  if (points && !pairs) write_points(samples, step);
  write_file_atomically(run_.preview(step), png);
  if (tensorboard_) tensorboard_->image("samples", png, picture.size(1), picture.size(2), picture.size(0), step);
}

void Recorder::roll_back() {
  const auto state = read_latest_checkpoint(run_);
  if (!state) fail("{}: there is no checkpoint to roll back to", run_.path().string());
  message(fmt::format("rolling back to step {} with half the learning rates", state->progress.step));
  session_.trainer->restore(*state);
  bad_since_ = 0;
  open_journals(state->progress.step);
}

void Recorder::verdict(const Verdict& verdict, const Check& check, bool healthy) {
  metrics_->append(to_json(check));
  this->verdict(verdict);
  const bool is_best = check.features_work && check.finite && check.kid_high < best_kid_;
  if (!is_best && !healthy) return;
  write_checkpoint(run_, session_.trainer->state(), session_.config.training.checkpoint_keep);
  if (is_best) {
    best_kid_ = check.kid;
    point_at_checkpoint(run_, run_.best_checkpoint(), check.step);
  }
  if (healthy) add_healthy_checkpoint(run_, check.step);
}

void Recorder::verdict(const Verdict& verdict) {
  verdicts_->append(to_json(verdict));
  log_.append(fmt::format("{} verdict at step {}: {}: {}\n", time_text(), verdict.step, state_name(verdict.state),
                          verdict.sentence));
  if (hooks_.on_verdict) hooks_.on_verdict(verdict);
}

void Recorder::forget_best() {
  best_kid_ = std::numeric_limits<double>::infinity();
  std::error_code ignored;
  std::filesystem::remove(run_.best_checkpoint(), ignored);
}

void Recorder::finish(TrainingEnd end) {
  const bool detects = session_.config.detector.normals > 0;
  const auto best = end == TrainingEnd::settled ? read_checkpoint(run_, run_.best_checkpoint()) : std::nullopt;
  if (!best && !detects) return close();
  if (detects) {
    message(fmt::format("learning what is normal from {}",
                        counted(std::min(session_.config.detector.normals, session_.data.training->size()), "image")));
  }
  // Weights that blew up are of no use: the last good ones are.
  const auto state = best ? best : read_latest_checkpoint(run_);
  if (state) write_model_file(*state, detects);
  if (best) message(fmt::format("the model file holds the best samples, of step {}", best->progress.step));
  close();
}

void Recorder::choose_preview_pairs() {
  if (preview_sources_.defined()) return;
  const auto& data = session_.data;
  const auto& set = data.held_out->size() > 0 ? data.held_out : data.training;
  const auto random = make_random(derive_seed(session_.config.training.seed, Stream::preview));
  const auto chosen = load_images(*set, kPreviewPairs, random);
  preview_sources_ = chosen.sources;
  preview_truths_ = chosen.images;
}

void Recorder::write_real_preview() {
  write_file_atomically(run_.real_preview(), encode_png(sample_picture(preview_reals())));
}

void Recorder::write_points(const at::Tensor& samples, int64_t step) {
  const auto& reals = preview_reals();
  if (!std::filesystem::exists(run_.real_points())) {
    write_file_atomically(run_.real_points(), json_text(real_points(reals)));
  }
  const auto exhibit = session_.game->exhibit();
  exhibit->show(session_.game->state());
  write_file_atomically(run_.preview_points(step),
                        json_text(preview_points(*exhibit, session_.config.generator, samples, reals)));
}

const at::Tensor& Recorder::preview_reals() {
  if (preview_reals_.defined()) return preview_reals_;
  const auto& data = session_.data;
  const auto random = make_random(derive_seed(session_.config.training.seed, Stream::preview));
  const auto count = data.shape.is_point() ? kPreviewPoints : kPreviewImages;
  return preview_reals_ = load_images(*data.training, count, random).images;
}

void Recorder::message(const std::string& text) {
  const std::string line = printable(text);  // names of files may be in it
  log_.append(fmt::format("{} {}\n", time_text(), line));
  if (hooks_.on_message) hooks_.on_message(line);
}

void Recorder::close() {
  for (const auto& journal : {&steps_, &verdicts_, &metrics_}) (*journal)->close();
  if (tensorboard_) tensorboard_->close();
  log_.close();
}

void Recorder::report_bad_images() {
  for (const auto& image : session_.batches->take_bad_images()) message("skipped an unreadable image: " + image);
}

}  // namespace forger
