#include "referee/referee.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <utility>

#include "core/clock.h"
#include "core/fail.h"
#include "core/plural.h"
#include "core/random.h"
#include "core/text.h"
#include "core/torch.h"
#include "referee/remedies.h"
#include "referee/verdict.h"
#include "referee/ways.h"
#include "training/schedule.h"

namespace forger {
namespace {

/// Of reading the reference images and learning features, before that was measured.
constexpr double kPreparingSeconds = 2.5;
/// What a look costs beside samples and answers: features and tests of two samples. Both are generous, for slow
/// machines.
constexpr double kTestsSeconds = 1;
constexpr size_t kLooks = 4;
/// Of the budget: before it, few steps are too few.
constexpr double kYoung = 0.5;
/// Of the training's time: what the looks of the last word may take, and the training that always gets one.
constexpr double kLastShare = 0.1, kSurelyJudgedSeconds = 180;
/// Of the budget: a moment kept from there shows at the end whether anything still changed.
constexpr double kKeptShare = 0.5;
/// Of the budget: from there its pace tells how long the whole will take.
constexpr double kPaceKnown = 0.05;
/// Enough to see a sickness begin, and what two attempts bring.
constexpr double kChecksToMend = 15;
/// Images that a check looks at where a thousand would take too long to see anything of the course. No fewer than
/// convergence takes.
constexpr int64_t kFewerImages = 500;
/// Samples below which nothing is measured, and below which nothing is concluded.
constexpr int64_t kLeastSamples = 2, kFewSamples = 200;
/// Of each kind that a classifier of samples is trained on.
constexpr int64_t kFewestToTrainOn = 25;

/// Looks at the last moment that a verdict takes after so many earlier checks: one like those before, or, where these
/// are few, several that must agree.
size_t looks_wanted(size_t earlier) {
  const auto needed = static_cast<size_t>(Limits{}.warm_up_checks);
  return earlier + 1 >= needed ? 1 : std::max(kLooks, earlier > 0 ? needed - earlier : 0);
}

/// Each of which is looked at.
double ways_of(const Config& config) { return goes_both_ways(config) ? 2 : 1; }

double share_used(const Config& config, const Moment& now) {
  return budget_used(config.training, now.step, now.images, now.seconds);
}

/// Whether the generator still learns without the discriminator that joins later.
bool plays_alone(const Config& config, const Moment& now) {
  return share_used(config, now) < config.discriminator_joins();
}

/// What the training will take in all, by its pace.
double whole_seconds(const Config& config, const Moment& now) {
  const double used = share_used(config, now);
  return used > 0 ? now.seconds / used : std::numeric_limits<double>::infinity();
}

double seconds_per_image(const Moment& now) {
  return now.images > 0 ? now.seconds / static_cast<double>(now.images) : 0;
}

}  // namespace

Situation situation_of(const Config& config, const Moment& last) {
  return {.wasserstein = config.objective.name.starts_with("wasserstein"),
          .young = plays_alone(config, last) ||
                   (last.step < config.referee.start_steps && share_used(config, last) < kYoung),
          .slow_players = slow_players(config),
          .single_moment = false,
          .limits = {}};
}

int64_t images_looked_at(const std::string& mode) { return mode == "full" ? 2000 : 1000; }

Referee::Referee(const Config& config, MakeExhibit exhibit, const OpenedData& data, std::vector<Check> history)
    : config_(config), make_exhibit_(std::move(exhibit)), data_(data), history_(std::move(history)) {
  for (const auto& check : history_) spent_seconds_ += check.cost_seconds;
}

int64_t Referee::images_a_look(const Moment& now) const {
  const int64_t most = images_looked_at(config_.referee.mode);
  // Samples and answers for an image looked at cost about what training on one does.
  const double samples = seconds_per_image(now) * static_cast<double>(most);
  const double checks = static_cast<double>(Limits{}.warm_up_checks) * ways_of(config_) * (kTestsSeconds + samples);
  const bool affordable =
      kPreparingSeconds * ways_of(config_) + checks <= config_.referee.cost * whole_seconds(config_, now);
  return affordable || config_.referee.every_steps > 0 || samples < kTestsSeconds ? most : std::min(most, kFewerImages);
}

double Referee::look_seconds(const Moment& now) const {
  if (look_seconds_) return *look_seconds_;
  return ways_of(config_) * (kTestsSeconds + seconds_per_image(now) * static_cast<double>(images_a_look(now)));
}

double Referee::preparing_seconds() const { return references_.empty() ? kPreparingSeconds * ways_of(config_) : 0; }

double Referee::checks_left(const Moment& now) const {
  const double left = config_.referee.cost * whole_seconds(config_, now) - spent_seconds_ - preparing_seconds();
  return std::floor(left / look_seconds(now));
}

bool Referee::is_due(const Moment& now) const {
  if (config_.referee.every_steps > 0) return now.step % config_.referee.every_steps == 0;
  const double left = checks_left(now);
  if (left < 1) return false;
  const double last = history_.empty() ? 0 : history_.back().seconds;
  return now.seconds - last >= (whole_seconds(config_, now) - last) / (left + 1);
}

std::string Referee::too_few_checks(const Moment& now) const {
  const auto& options = config_.referee;
  const double used = share_used(config_, now), seconds = look_seconds(now);
  const bool matters = options.mend || options.until != "budget";
  if (!matters || used < kPaceKnown) return "";
  const double steps = static_cast<double>(now.step) / used, left = std::max(checks_left(now), 0.0);
  // The first check tells what one takes.
  if (options.every_steps == 0 && history_.empty() && left > 0) return "";
  const double checks = options.every_steps > 0 ? std::floor(steps / static_cast<double>(options.every_steps))
                                                : static_cast<double>(history_.size()) + left;
  if (checks >= static_cast<double>(Limits{}.warm_up_checks)) return "";
  const auto reason =
      options.every_steps > 0
          ? fmt::format("referee.every_steps={}", options.every_steps)
          : fmt::format("one takes about {}, all of them at most {:g} % of about {}: referee.cost",
                        format_duration(seconds), 100 * options.cost, format_duration(whole_seconds(config_, now)));
  return fmt::format(
      "{} goes by {} checks or more, and this training gets {:.0f} ({}). {:.0f} checks take about {:.0f} % of its "
      "time: "
      "--set referee.every_steps={:.0f}",
      options.mend ? "mending" : "referee.until", Limits{}.warm_up_checks, checks, reason, kChecksToMend,
      std::ceil(100 * kChecksToMend * seconds / whole_seconds(config_, now)),
      std::max(1.0, std::floor(steps / kChecksToMend)));
}

bool Referee::should_keep(const Moment& now) const {
  return config_.referee.every_steps == 0 && !kept_ && history_.empty() && share_used(config_, now) >= kKeptShare;
}

void Referee::keep(const TensorMap& state, const Moment& now) {
  kept_ = next_check(now);
  for (const auto& [name, tensor] : state) {
    if (name.find(".optimizer.") == std::string::npos) kept_state_[name] = tensor.detach().clone();
  }
}

bool Referee::may_conclude(const Moment& end) const {
  return end.step >= config_.referee.start_steps || end.seconds >= kSurelyJudgedSeconds ||
         next_check_seconds(end) <= kLastShare * end.seconds;
}

double Referee::conclude_seconds(const Moment& end) const {
  const auto course = is_new_game(end) ? 0 : present_game(history_).size();
  const double looks = static_cast<double>(looks_wanted(course) + (kept_ ? 1 : 0)) * look_seconds(end);
  return preparing_seconds() + std::max(look_seconds(end), std::min(looks, kLastShare * end.seconds));
}

void Referee::prepare(const Moment& now) {
  if (references_.empty())
    references_ = read_references(data_, goes_both_ways(config_), images_a_look(now), config_.training.seed);
  if (!probes_)
    probes_ =
        std::make_unique<Probes>(make_exhibit_, references_, config_.training.seed, config_.referee.mode == "full");
}

bool Referee::is_new_game(const Moment& now) const {
  if (new_game_ || history_.empty()) return new_game_;
  const Check& last = history_.back();
  return plays_alone(config_, {last.step, last.images, last.seconds}) && !plays_alone(config_, now);
}

Check Referee::next_check(const Moment& now) {
  Check check;
  check.step = now.step;
  check.images = now.images;
  check.seconds = now.seconds;
  check.new_game = is_new_game(now);
  new_game_ = false;
  steps_.read(check);
  if (const auto game = present_game(history_); !check.new_game && !game.empty()) {
    // Reports of a resumed training begin in its middle; the game began with its first check, which had grown already.
    const Check& first = game.front();
    const double since_first = std::fmax(check.generator_weights / first.generator_weights,
                                         check.discriminator_weights / first.discriminator_weights);
    check.weight_growth = std::fmax(check.weight_growth, since_first * std::fmax(first.weight_growth, 1));
  }
  return check;
}

Verdict Referee::judge(const std::vector<Check>& looked_at, const Situation& situation) const {
  return judge_ways(looked_at, situation, config_, Texts::in("en"));
}

Verdict Referee::check(const TensorMap& state, const Moment& now) {
  const auto start = std::chrono::steady_clock::now();
  prepare(now);
  const double prepared = seconds_since(start);
  Check check = next_check(now);
  probes_->measure(state, check);
  check.cost_seconds = seconds_since(start);
  spent_seconds_ += check.cost_seconds;
  look_seconds_ = check.cost_seconds - prepared;
  history_.push_back(check);
  forget_kept();
  return judge(present_game(history_), situation_of(config_, now));
}

Verdict Referee::conclude(const TensorMap& state, const Moment& end) {
  const auto start = std::chrono::steady_clock::now();
  prepare(end);
  auto course = is_new_game(end) ? std::vector<Check>() : present_game(history_);
  const bool checked = !course.empty() && course.back().step == end.step;
  const Check moment = checked ? course.back() : next_check(end);
  if (checked) course.pop_back();
  if (course.empty() && kept_) {
    probes_->measure(kept_state_, *kept_);
    course.push_back(*kept_);
  }
  const size_t enough = looks_wanted(course.size());
  std::vector<Check> looks;
  if (checked) looks.push_back(moment);
  while (looks.size() < enough) {
    const auto look_start = std::chrono::steady_clock::now();
    Check look = moment;
    probes_->measure(state, look);
    looks.push_back(look);
    if (seconds_since(start) + seconds_since(look_start) > kLastShare * end.seconds) break;
  }
  looks.back().cost_seconds = seconds_since(start) + (checked ? moment.cost_seconds : 0);
  spent_seconds_ += seconds_since(start);
  if (checked) history_.pop_back();
  history_.push_back(looks.back());

  Situation situation = situation_of(config_, end);
  situation.single_moment = course.empty();
  // Where time allowed fewer, each stands for several.
  for (size_t i = 0; i < enough; ++i) course.push_back(looks[i % looks.size()]);
  course.back().cost_seconds = history_.back().cost_seconds;
  return judge(course, situation);
}

void Referee::start_over(const Config& config) {
  config_ = config;
  probes_.reset();
  steps_ = {};
  forget_kept();
  new_game_ = true;
}

void Referee::forget_kept() {
  kept_.reset();
  kept_state_.clear();
}

at::Tensor Referee::unseen_features(bool back) const {
  if (references_.size() <= (back ? 1 : 0)) return {};
  return (back ? references_.back() : references_.front())->unseen_features;
}

std::pair<Verdict, Check> judge_moment(const Config& config, const MakeExhibit& exhibit, const References& references,
                                       const TensorMap& state, std::vector<Check> earlier, const Check& moment,
                                       bool costly, const std::string& language) {
  earlier = present_game(earlier);
  Situation situation = situation_of(config, {moment.step, moment.images, moment.seconds});
  // Few checks tell the course only if this moment was held against them when it was measured first.
  const bool knows_course = std::isfinite(moment.improvement_p);
  if (!knows_course && looks_wanted(earlier.size()) > 1) earlier.clear();
  situation.single_moment = earlier.empty() && !knows_course;
  const size_t looks = looks_wanted(situation.single_moment ? 0 : std::max<size_t>(earlier.size(), 1));
  if (earlier.empty() && knows_course) earlier.push_back(moment);
  for (size_t look = 0; look < looks; ++look) {
    Check check = moment;
    Probes(exhibit, references, derive_seed(config.training.seed, Stream::referee, static_cast<uint64_t>(look)), costly)
        .measure(state, check);
    earlier.push_back(check);
  }
  return {judge_ways(earlier, situation, config, Texts::in(language)), earlier.back()};
}

std::pair<Verdict, Check> judge_samples(const at::Tensor& images, const Reference& reference,
                                        const std::string& language) {
  torch::NoGradGuard no_grad;
  if (images.sizes().slice(1) != reference.unseen.sizes().slice(1)) {
    fail("samples: received images of {}x{} with {}, accepted: {}x{} with {}, as the data", images.size(2),
         images.size(3), counted(images.size(1), "channel"), reference.unseen.size(2), reference.unseen.size(3),
         reference.unseen.size(1));
  }
  if (images.size(0) < kLeastSamples) {
    fail("samples: received {}, accepted: {} or more", counted(images.size(0), "image"), kLeastSamples);
  }
  if (!at::isfinite(images).all().item<bool>()) fail("samples: received numbers that are not finite");
  Check check;
  check.unseen = reference.count();
  check.fakes = images.size(0);
  check.features_work = reference.features_work;
  const auto features = reference.net->features(images);
  measure_samples(reference, features, images, check);
  if (const int64_t half = std::min(images.size(0) / 2, reference.training_features.size(0));
      half >= kFewestToTrainOn) {
    measure_fresh_critic(reference, reference.training_features.narrow(0, 0, half), features.narrow(0, 0, half),
                         features.narrow(0, half, half), /*seed=*/1, check);
  }
  const Situation situation{
      .wasserstein = false, .young = false, .slow_players = {}, .single_moment = true, .limits = {}};
  const std::vector<Check> looks(kLooks, check);
  const Config unknown;  // of the training that made the samples
  const bool few = images.size(0) < kFewSamples;
  const auto findings = few ? std::vector<Finding>{{State::undecided, 0}} : find_states(looks, situation);
  auto verdict = make_verdict(findings, looks, unknown, situation.limits, Texts::in(language));
  if (few)
    verdict.sentence +=
        Texts::in(language).text("sentence", "few-samples", {{"samples", std::to_string(images.size(0))}});
  return {verdict, check};
}

}  // namespace forger
