#include "referee/check.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "core/fail.h"
#include "core/json.h"

namespace forger {
namespace {

using nlohmann::ordered_json;

/// The one list of fields, for both ways.
template <class CheckType, class Visit>
void for_each_field(CheckType& check, Visit&& visit) {
  visit("step", check.step);
  visit("images", check.images);
  visit("seconds", check.seconds);
  visit("new_game", check.new_game);
  visit("cost_seconds", check.cost_seconds);
  visit("fakes", check.fakes);
  visit("unseen", check.unseen);
  visit("features_work", check.features_work);
  visit("finite", check.finite);
  visit("update_ratio", check.update_ratio);
  visit("updates", check.updates);
  visit("rates", check.rates);
  visit("gradients", check.gradients);
  visit("generator_weights", check.generator_weights);
  visit("discriminator_weights", check.discriminator_weights);
  visit("weight_growth", check.weight_growth);
  visit("loss_swing", check.loss_swing);
  visit("loss_period_p", check.loss_period_p);
  visit("auc_unseen", check.auc_unseen);
  visit("auc_unseen_low", check.auc_unseen_low);
  visit("auc_unseen_high", check.auc_unseen_high);
  visit("auc_training", check.auc_training);
  visit("auc_training_low", check.auc_training_low);
  visit("auc_training_high", check.auc_training_high);
  visit("answers_distance", check.answers_distance);
  visit("answers_limit", check.answers_limit);
  visit("memorising", check.memorising);
  visit("memorising_z", check.memorising_z);
  visit("p_real_unseen", check.p_real_unseen);
  visit("p_real_fake", check.p_real_fake);
  visit("fresh_critic", check.fresh_critic);
  visit("fresh_critic_low", check.fresh_critic_low);
  visit("fresh_critic_high", check.fresh_critic_high);
  visit("pixel_critic", check.pixel_critic);
  visit("pixel_critic_low", check.pixel_critic_low);
  visit("pixel_critic_high", check.pixel_critic_high);
  visit("signal_at_logits", check.signal_at_logits);
  visit("signal_at_images", check.signal_at_images);
  visit("signal_agreement", check.signal_agreement);
  visit("slope_ratio", check.slope_ratio);
  visit("rival_step", check.rival_step);
  visit("rival_auc", check.rival_auc);
  visit("new_critic_auc", check.new_critic_auc);
  visit("new_fakes_auc", check.new_fakes_auc);
  visit("remembered_auc", check.remembered_auc);
  visit("kid", check.kid);
  visit("kid_low", check.kid_low);
  visit("kid_high", check.kid_high);
  visit("kid_baseline", check.kid_baseline);
  visit("kid_mild", check.kid_mild);
  visit("kid_noise", check.kid_noise);
  visit("improvement_p", check.improvement_p);
  visit("coverage", check.coverage);
  visit("coverage_baseline", check.coverage_baseline);
  visit("density", check.density);
  visit("bins_different", check.bins_different);
  visit("bins_limit", check.bins_limit);
  visit("starved_bins", check.starved_bins);
  visit("bins", check.bins);
  visit("diversity", check.diversity);
  visit("raw_diversity", check.raw_diversity);
  visit("spread", check.spread);
  visit("reach", check.reach);
  visit("movement", check.movement);
  visit("movement_baseline", check.movement_baseline);
  visit("missing_kinds", check.missing_kinds);
  visit("kinds", check.kinds);
  visit("copying_z", check.copying_z);
  visit("nearer_share", check.nearer_share);
  visit("repeated", check.repeated);
  visit("known_nearest", check.known_nearest);
  visit("known_nearest_baseline", check.known_nearest_baseline);
  visit("known_nearest_z", check.known_nearest_z);
  visit("imitates_data", check.imitates_data);
  visit("truth_psnr_db", check.truth_psnr_db);
  visit("source_psnr_db", check.source_psnr_db);
  visit("source_distance", check.source_distance);
  visit("truth_distance", check.truth_distance);
  visit("source_kid", check.source_kid);
  visit("source_kid_low", check.source_kid_low);
  visit("source_effect", check.source_effect);
  visit("own_truth", check.own_truth);
  visit("own_truth_high", check.own_truth_high);
  visit("color_variety", check.color_variety);
  visit("light_agreement", check.light_agreement);
  visit("negative_kid", check.negative_kid);
}

constexpr const char* kBack = "back";

ordered_json written(const Check& check) {
  ordered_json json;
  for_each_field(check, FieldWriter{json});
  if (check.back) json[kBack] = written(*check.back);
  return json;
}

Check read(const ordered_json& json) {
  Check check;
  for_each_field(check, FieldReader{json, /*may_miss=*/true});
  if (const auto back = json.find(kBack); back != json.end()) check.back = std::make_shared<const Check>(read(*back));
  return check;
}

}  // namespace

std::vector<Check> present_game(const std::vector<Check>& checks) {
  auto first = checks.end();
  while (first != checks.begin() && !(first != checks.end() && first->new_game)) --first;
  return {first, checks.end()};
}

std::vector<Check> way_back(const std::vector<Check>& checks) {
  std::vector<Check> back;
  for (const Check& check : checks) {
    if (!check.back) return {};
    back.push_back(*check.back);
  }
  return back;
}

std::string to_json(const Check& check) { return written(check).dump(); }

Check check_from_json(const std::string& line) {
  try {
    return read(ordered_json::parse(line));
  } catch (const nlohmann::json::exception& error) {
    fail("received a line that is not a check's: {}", error.what());
  }
}

}  // namespace forger
