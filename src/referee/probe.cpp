#include "referee/probe.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/fail.h"
#include "core/random.h"
#include "core/torch.h"
#include "metrics/distances.h"
#include "metrics/likeness.h"
#include "metrics/neighbours.h"
#include "metrics/two_sample.h"
#include "referee/pixel_critic.h"
#include "referee/translation.h"

namespace forger {
namespace {

constexpr size_t kPast = 8;
constexpr size_t kRivalChecks = 4;
constexpr int64_t kSignalImages = 128;
/// Images that are made twice, to see what chance makes of one source.
constexpr int64_t kSourceImages = 128;
/// Where few images are held out, collapse still shows on so many fakes.
constexpr int64_t kFewestFakes = 256;
constexpr int64_t kFewestForCritic = 50;
constexpr int64_t kSmallestForPixels = 16;
/// Below them, halves of the unseen images have no spread.
constexpr int64_t kFewestForHalves = 4;
/// Past fakes that the discriminator is asked about again.
constexpr int64_t kPastFakes = 500;
constexpr double kToldApart = 0.8;

bool all_finite(const TensorMap& state) {
  return std::all_of(state.begin(), state.end(), [](const auto& item) {
    return !item.second.is_floating_point() || at::isfinite(item.second.sum()).template item<bool>();
  });
}

/// The rows from the first on again and again, `count` of them; undefined where there are none.
at::Tensor repeated(const at::Tensor& rows, int64_t count) {
  if (!rows.defined()) return rows;
  return rows.index_select(0, at::arange(count, at::kLong) % rows.size(0));
}

/// How near the fakes come to the images whose sources they were made from, and how near the sources are themselves,
/// where they are images.
void measure_truths(const Reference& reference, const at::Tensor& fakes, bool has_image_sources, Check& check) {
  const int64_t count = reference.count();
  check.truth_psnr_db = mean_psnr_db(fakes.narrow(0, 0, count), reference.unseen);
  auto sources = reference.unseen_sources;
  if (!has_image_sources || sources.size(1) != fakes.size(1)) return;
  if (sources.sizes() != reference.unseen.sizes()) {
    sources = at::upsample_bicubic2d(sources, {fakes.size(2), fakes.size(3)}, /*align_corners=*/false);
  }
  check.source_psnr_db = mean_psnr_db(sources.clamp(-1, 1), reference.unseen);
}

/// Blurred or average images lie near everything; copies lie nearer to training images than to unseen ones.
void measure_copying(const Reference& reference, const at::Tensor& features, Check& check) {
  const auto known = nearest_distances(reference.known_features, features);
  const auto unseen = nearest_distances(reference.unseen_features, features);
  check.copying_z = copying_z(reference.known_distances, known);
  check.repeated = repeated_share(reference.known_distances, known, reference.known_share);
  if (const double usual = reference.known_distances.mean().item<double>(); usual > 0) {
    check.nearer_share = 1 - known.mean().item<double>() / usual;
  }
  check.known_nearest = (known < unseen).to(at::kDouble).mean().item<double>();
  const auto all = static_cast<double>(reference.known_features.size(0) + reference.count());
  const double chance = check.known_nearest_baseline = static_cast<double>(reference.known_features.size(0)) / all;
  // Fakes share neighbours: no more of them count as independent than there are unseen images.
  const auto independent = static_cast<double>(std::min(features.size(0), reference.count()));
  check.known_nearest_z = (check.known_nearest - chance) / std::sqrt(chance * (1 - chance) / independent);
}

}  // namespace

Probe::Probe(std::unique_ptr<Exhibit> exhibit, std::shared_ptr<const Reference> reference, uint64_t seed, bool costly)
    : exhibit_(std::move(exhibit)), reference_(std::move(reference)), seed_(seed), costly_(costly) {}

void Probe::measure(const TensorMap& state, Check& check) {
  const Reference& real = *reference_;
  check.unseen = real.count();
  check.features_work = real.features_work;
  if (!all_finite(state)) {
    check.finite = false;
    return;
  }
  exhibit_->show(state);
  const bool again = !past_.empty() && past_.back().step == check.step;
  looks_ = again ? looks_ + 1 : 0;
  if (again) past_.pop_back();
  const auto seed = derive_seed(seed_, Stream::referee, static_cast<uint64_t>(check.step));
  const ItemRandom random(again ? derive_seed(seed, Stream::referee, looks_) : seed);
  const int64_t count = std::max(real.count(), kFewestFakes);
  // Labels as frequent as among the unseen images, or a missing class would be the sampling's fault.
  Origins given = real_origins(real.unseen_sources, real.unseen_labels);
  given = {.sources = repeated(given.sources, count), .labels = repeated(given.labels, count)};
  const auto origins = exhibit_->draw_origins(count, random, given);
  const auto fakes = exhibit_->generate(origins, /*averaged=*/true);
  const auto raw = exhibit_->generate(origins, /*averaged=*/false);
  const auto others = exhibit_->draw_origins(
      count, random, {.sources = repeated(real.training_sources, count), .labels = given.labels});
  const auto more = exhibit_->generate(others, /*averaged=*/true);
  check.fakes = count;
  if (!at::isfinite(fakes).all().item<bool>() || !at::isfinite(raw).all().item<bool>()) {
    check.finite = false;
    return;
  }
  at::Tensor on_unseen;  // the discriminator's answers
  if (exhibit_->has_discriminator()) {
    on_unseen = exhibit_->logits(real.unseen, real_origins(real.unseen_sources, real.unseen_labels));
    judge_answers(on_unseen, raw, origins, check);
    if (!check.finite) return;
    measure_signal(origins, check);
  }

  torch::NoGradGuard no_grad;
  check.imitates_data = exhibit_->imitates_data();
  if (exhibit_->has_truths()) measure_truths(real, fakes, exhibit_->has_image_sources(), check);
  if (!check.imitates_data) return;
  const auto features = real.net->features(fakes);
  measure_samples(real, features, fakes, check);
  if (exhibit_->translates()) {
    measure_translation(real, fakes.narrow(0, 0, real.count()), exhibit_->has_truths(), exhibit_->has_image_sources(),
                        check);
    measure_source_effect(origins, fakes, check);
  }
  if (std::min(real.training_features.size(0), real.count()) >= kFewestForCritic) {
    measure_fresh_critic(real, real.training_features, real.net->features(more), features, seed_, check);
    if (costly_ && real.unseen.size(2) >= kSmallestForPixels && real.unseen.size(3) >= kSmallestForPixels) {
      torch::AutoGradMode with_gradients(true);
      const auto pixels =
          pixel_critic_test(real.training, more, real.unseen, fakes, derive_seed(seed_, Stream::referee, 2));
      check.pixel_critic = pixels.accuracy;
      check.pixel_critic_low = pixels.low;
      check.pixel_critic_high = pixels.high;
    }
  }

  check.reach = image_reach(raw) / std::max(real.reach, 1e-12);
  const auto raw_features = real.net->features(raw);
  const auto raw_kinds = real.kinds->histogram(raw_features);
  check.missing_kinds = compare_bins(real.unseen_kinds, raw_kinds).starved;
  check.kinds = real.kinds->count();
  check.raw_diversity = real.diversity_of(raw_features);
  if (!past_.empty()) {
    const Past& before = rival();
    check.movement = compare_bins(past_.back().raw_kinds, raw_kinds).jensen_shannon / std::numbers::ln2;
    check.movement_baseline = real.movement_baseline(count);
    if (real.count() >= kFewestForHalves) {
      check.improvement_p = relative_similarity_p(real.unseen_features, before.features.narrow(0, 0, real.count()),
                                                  features.narrow(0, 0, real.count()));
    }
  }
  auto discriminator = exhibit_->discriminator_state();
  if (on_unseen.defined()) play_the_past(on_unseen, raw, origins, check);
  past_.push_back({check.step, std::move(discriminator), raw.narrow(0, 0, std::min(count, kPastFakes)).to(at::kHalf),
                   features, raw_kinds, check.auc_unseen});
  if (past_.size() > kPast) past_.pop_front();
  // Only the rival's network is needed again, and this one's rival for another look.
  if (past_.size() > kRivalChecks + 1) past_[past_.size() - kRivalChecks - 2].discriminator.clear();
}

Origins Probe::real_origins(const at::Tensor& sources, const at::Tensor& labels) const {
  return {.sources = sources, .labels = exhibit_->classes() > 0 ? labels : at::Tensor()};
}

const Probe::Past& Probe::rival() const { return past_[past_.size() < kRivalChecks ? 0 : past_.size() - kRivalChecks]; }

void Probe::judge_answers(const at::Tensor& on_unseen, const at::Tensor& fakes, const Origins& origins, Check& check) {
  const Reference& real = *reference_;
  const auto on_training = exhibit_->logits(real.training, real_origins(real.training_sources, real.training_labels));
  const auto on_fakes = exhibit_->logits(fakes, origins);
  if (!at::isfinite(at::cat({on_unseen, on_training, on_fakes})).all().item<bool>()) {
    check.finite = false;
    return;
  }
  const auto unseen = rank_test(on_unseen, on_fakes), training = rank_test(on_training, on_fakes);
  check.auc_unseen = unseen.area;
  check.auc_unseen_low = unseen.low;
  check.auc_unseen_high = unseen.high;
  check.auc_training = training.area;
  check.auc_training_low = training.low;
  check.auc_training_high = training.high;
  check.answers_distance = kolmogorov_smirnov(on_unseen, on_fakes);
  check.answers_limit = kolmogorov_smirnov_limit(on_unseen.size(0), on_fakes.size(0));
  const double mean_training = on_training.mean().item<double>();
  const double reach = mean_training - on_fakes.mean().item<double>();
  if (std::abs(reach) > 1e-9) check.memorising = (mean_training - on_unseen.mean().item<double>()) / reach;
  check.memorising_z = rank_test(on_training, on_unseen).z;

  if (on_unseen.size(0) < kFewestForHalves) return;
  // Fitted on one half, read on the other.
  const int64_t half = on_unseen.size(0) / 2;
  const auto platt = fit_platt(on_unseen.narrow(0, 0, half), on_fakes.narrow(0, 0, half));
  const auto mean_p = [&](const at::Tensor& scores) {
    return platt_probability(platt, scores.narrow(0, half, scores.size(0) - half)).mean().item<double>();
  };
  check.p_real_unseen = mean_p(on_unseen);
  check.p_real_fake = mean_p(on_fakes);
}

void Probe::measure_signal(const Origins& origins, Check& check) {
  if (reference_->count() < kFewestForHalves) return;
  const int64_t images = std::min(kSignalImages, reference_->count()) / 2 * 2;
  const auto signal = exhibit_->learning_signal(reference_->unseen.narrow(0, 0, images), origins.rows(0, images));
  check.signal_at_logits = signal.at_logits;
  check.signal_at_images = signal.at_images;
  check.signal_agreement = signal.agreement;
  check.slope_ratio = signal.slope_ratio;
}

void Probe::measure_source_effect(const Origins& origins, const at::Tensor& fakes, Check& check) {
  const int64_t count = std::min(kSourceImages, reference_->count());
  if (count < kFewestForHalves) return;
  // What is drawn goes by an image's place: in another one, another draw of it is made.
  const auto sources = origins.sources.narrow(0, 0, count);
  const auto again = exhibit_->generate({.sources = sources.roll(1, 0)}, /*averaged=*/true).roll(-1, 0);
  const auto real = reference_->unseen.narrow(0, 0, count);
  // The numbers of a label map's kinds lie near each other and yet are as different as can be.
  check.source_effect =
      source_effect(fakes.narrow(0, 0, count), again, real, exhibit_->has_image_sources() ? sources : real);
}

void Probe::play_the_past(const at::Tensor& on_unseen, const at::Tensor& fakes, const Origins& origins, Check& check) {
  const Reference& real = *reference_;
  if (past_.empty() || std::isnan(check.auc_unseen)) return;
  const auto against = [&](const at::Tensor& some_fakes, const at::Tensor& reals) {
    const auto on_fakes = exhibit_->logits(some_fakes, origins.rows(0, some_fakes.size(0)));
    // A blown up player may have no number for what is far from everything it saw.
    if (!at::isfinite(at::cat({reals, on_fakes})).all().item<bool>()) return kUnknown;
    return rank_test(reals, on_fakes).area;
  };
  const Past& old = rival();
  for (const Past& past : past_) {
    if (past.step != old.step && past.auc <= kToldApart) continue;
    const double area = against(past.fakes.to(at::kFloat), on_unseen);
    if (past.step == old.step) check.new_critic_auc = area;
    if (past.auc > kToldApart) {
      check.remembered_auc = std::fmin(check.remembered_auc, area);
    }
  }
  check.rival_step = old.step;
  check.rival_auc = old.auc;
  // The next check shows its own discriminator.
  exhibit_->show_discriminator(old.discriminator);
  check.new_fakes_auc =
      against(fakes, exhibit_->logits(real.unseen, real_origins(real.unseen_sources, real.unseen_labels)));
}

void measure_fresh_critic(const Reference& reference, const at::Tensor& training_features, const at::Tensor& fitted,
                          const at::Tensor& tested, uint64_t seed, Check& check) {
  torch::AutoGradMode with_gradients(true);
  const auto test = classifier_test(training_features, fitted, reference.unseen_features, tested,
                                    derive_seed(seed, Stream::referee, 1));
  check.fresh_critic = test.accuracy;
  check.fresh_critic_low = test.low;
  check.fresh_critic_high = test.high;
}

void measure_samples(const Reference& real, const at::Tensor& features, const at::Tensor& images, Check& check) {
  const auto kid = kernel_distance(real.unseen_features, features);
  check.kid = kid.value;
  check.kid_low = kid.low;
  check.kid_high = kid.high;
  check.kid_baseline = real.kid_baseline;
  check.kid_mild = real.kid_mild;
  check.kid_noise = real.kid_noise;
  const auto equal = std::min(features.size(0), real.training_features.size(0));
  if (equal > kNeighbours) {
    const auto neighbours =
        neighbour_measures(real.unseen_features.narrow(0, 0, equal), features.narrow(0, 0, equal), kNeighbours);
    check.coverage = neighbours.coverage;
    check.density = neighbours.density;
    check.coverage_baseline = real.coverage_baseline(equal);
  }
  const auto difference = compare_bins(real.unseen_bins, real.bins->histogram(features));
  check.bins = real.bins->count();
  check.bins_different = difference.different;
  check.bins_limit = real.bins_limit;
  check.starved_bins = difference.starved;
  check.diversity = real.diversity_of(features);
  check.spread = image_spread(images) / std::max(real.spread, 1e-12);
  measure_copying(real, features, check);
}

}  // namespace forger
