#include "referee/verdict.h"

#include <fmt/format.h>

#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "core/fail.h"
#include "core/json.h"
#include "referee/course.h"
#include "referee/remedies.h"
#include "referee/translation_states.h"

namespace forger {
namespace {

using nlohmann::ordered_json;

const std::map<State, std::string>& names() {
  static const std::map<State, std::string> all = {
      {State::standing_still, "standing-still"},
      {State::diverged, "diverged"},
      {State::warming_up, "warming-up"},
      {State::copying, "copying"},
      {State::discriminator_overfitting, "discriminator-overfitting"},
      {State::full_collapse, "full-collapse"},
      {State::cycling, "cycling"},
      {State::copies_input, "copies-input"},
      {State::ignores_input, "ignores-input"},
      {State::wrong_colors, "wrong-colors"},
      {State::partial_collapse, "partial-collapse"},
      {State::generator_starved, "generator-starved"},
      {State::discriminator_too_strong, "discriminator-too-strong"},
      {State::discriminator_too_weak, "discriminator-too-weak"},
      {State::converged, "converged"},
      {State::good_plateau, "good-plateau"},
      {State::stalled, "stalled"},
      {State::healthy_duel, "healthy-duel"},
      {State::undecided, "undecided"},
      {State::not_judged, "not-judged"},
  };
  return all;
}

/// Of real images' coverage: samples below it are unlike the data, whatever else they are.
constexpr double kLittle = 0.25;

std::string percent(double share) { return std::isnan(share) ? "?" : fmt::format("{:.0f} %", share * 100); }

std::string number(double value) { return std::isnan(value) ? "?" : fmt::format("{:.3g}", value); }

std::string count(size_t value) { return std::to_string(value); }

/// What the {names} in sentences stand for.
std::map<std::string, std::string> values_of(const Check& check, int64_t since, size_t checks) {
  const double signal = std::fmin(check.signal_at_logits, 1);
  return {{"step", std::to_string(check.step)},
          {"since", std::to_string(since)},
          {"checks", count(checks)},
          {"nearer", percent(check.nearer_share)},
          {"repeated", percent(check.repeated)},
          {"auc_training", percent(check.auc_training)},
          {"auc_unseen", percent(check.auc_unseen)},
          {"fresh", percent(check.fresh_critic)},
          {"variety", percent(std::fmin(check.diversity, check.spread))},
          {"movement", percent(check.movement)},
          {"starved", count(check.starved_bins.size())},
          {"bins", std::to_string(check.bins)},
          {"coverage", percent(check.coverage)},
          {"coverage_baseline", percent(check.coverage_baseline)},
          {"signal", percent(signal)},
          {"p_real", number(check.p_real_unseen)},
          {"p_fake", number(check.p_real_fake)},
          {"kid", number(check.kid)},
          {"kid_baseline", number(check.kid_baseline)},
          {"kid_noise", number(check.kid_noise)},
          {"truth", number(check.truth_psnr_db)},
          {"source", number(check.source_psnr_db)},
          {"source_distance", percent(check.source_distance)},
          {"source_kid", number(check.source_kid)},
          {"source_effect", percent(std::fmin(check.source_effect, check.diversity))},
          {"own_truth", percent(check.own_truth)},
          {"color_variety", percent(check.color_variety)},
          {"negative_kid", number(check.negative_kid)},
          {"unseen", std::to_string(check.unseen)}};
}

/// What a sentence on players that stand still adds to them: their names, the fastest's update and rate, since when.
std::map<std::string, std::string> values_of_standing(const std::vector<std::string>& players, const Check& check,
                                                      bool from_start, const Texts& texts,
                                                      std::map<std::string, std::string> values) {
  double update = kUnknown, rate = kUnknown;
  auto& names = values["players"];
  for (const auto& player : players) {
    if (!names.empty()) names += texts.text("player", "and");
    names += texts.text("player", player);
    const auto most = [&](double known, const std::map<std::string, double>& all) {
      const auto found = all.find(player);
      return found == all.end() ? known : std::fmax(known, found->second);
    };
    update = most(update, check.updates);
    rate = most(rate, check.rates);
  }
  values["update"] = number(update);
  values["rate"] = number(rate);
  values["when"] =
      from_start ? texts.text("label", "from-start") : texts.text("label", "since", {{"step", values["since"]}});
  return values;
}

/// The sentence's name in the texts: where there is no discriminator, as for a VAE or samples of another program, or
/// nothing is to be said of it, some states have their own.
std::string sentence_of(State state, const Check& check, const Limits& limits) {
  if (state == State::not_judged && !std::isnan(check.truth_psnr_db)) return "not-judged-truths";
  const bool names_discriminator = state == State::good_plateau || state == State::undecided ||
                                   state == State::cycling || state == State::stalled || state == State::healthy_duel;
  const bool far = check.kid_low > check.kid_mild && check.coverage < kLittle * check.coverage_baseline;
  if (state == State::undecided && std::isnan(check.auc_unseen) && far) return "undecided-far";
  if (state == State::undecided && std::isnan(check.auc_unseen) && std::isnan(check.fresh_critic))
    return "undecided-few";
  if (state == State::copies_input && !std::isnan(check.truth_distance)) return "copies-input-truths";
  if (state == State::ignores_input && misses_its_truth(check, limits)) return "ignores-input-truths";
  if (state == State::wrong_colors && inverts_light(check, limits)) return "wrong-colors-inverted";
  if (state == State::copying && check.repeated > limits.repeated) return "copying-repeated";
  if (state == State::partial_collapse && check.diversity < limits.partial_diversity) return "partial-collapse-alike";
  if (state == State::healthy_duel && !improves(check, limits)) {
    return std::isnan(check.auc_unseen) ? "healthy-duel-no-nearer-samples" : "healthy-duel-no-nearer";
  }
  const bool remembers = state == State::cycling && !(check.remembered_auc < limits.forgotten_auc);
  return state_name(state) + (remembers || (names_discriminator && std::isnan(check.auc_unseen)) ? "-samples" : "");
}

/// A measurement with everything that stands beside it.
struct Measured {
  double value = kUnknown, low = kUnknown, high = kUnknown, baseline = kUnknown, threshold = kUnknown;
};

std::map<std::string, Measured> measured(const Check& check, const Limits& limits) {
  const auto bins = static_cast<double>(check.bins);
  return {
      {"finite", {check.finite ? 1.0 : 0.0, kUnknown, kUnknown, 1, 1}},
      {"update_ratio", {check.update_ratio, kUnknown, kUnknown, kUnknown, limits.exploding_update}},
      {"weight_growth", {check.weight_growth, kUnknown, kUnknown, kUnknown, limits.exploding_weights}},
      {"slope_ratio", {check.slope_ratio, kUnknown, kUnknown, 1, limits.exploding_slope}},
      {"copying_z", {check.copying_z, kUnknown, kUnknown, 0, limits.copying_z}},
      {"nearer_share", {check.nearer_share, kUnknown, kUnknown, 0, limits.copying_nearer}},
      {"repeated", {check.repeated, kUnknown, kUnknown, 0, limits.repeated}},
      {"known_nearest", {check.known_nearest, kUnknown, kUnknown, check.known_nearest_baseline, kUnknown}},
      {"auc_unseen", {check.auc_unseen, check.auc_unseen_low, check.auc_unseen_high, 0.5, limits.winning_auc}},
      {"auc_training",
       {check.auc_training, check.auc_training_low, check.auc_training_high, 0.5,
        check.auc_unseen + limits.overfit_gap}},
      {"answers_distance", {check.answers_distance, kUnknown, kUnknown, 0, check.answers_limit}},
      {"memorising", {check.memorising, kUnknown, kUnknown, 0, limits.overfit_memorising}},
      {"p_real_unseen", {check.p_real_unseen, kUnknown, kUnknown, 0.5, kUnknown}},
      {"p_real_fake", {check.p_real_fake, kUnknown, kUnknown, 0.5, kUnknown}},
      {"fresh_critic",
       {check.fresh_critic, check.fresh_critic_low, check.fresh_critic_high, 0.5, limits.equivalent_fresh}},
      {"pixel_critic",
       {check.pixel_critic, check.pixel_critic_low, check.pixel_critic_high, 0.5, limits.equivalent_fresh}},
      {"diversity", {check.diversity, kUnknown, kUnknown, 1, limits.collapse_diversity}},
      {"raw_diversity", {check.raw_diversity, kUnknown, kUnknown, 1, limits.collapse_diversity}},
      {"spread", {check.spread, kUnknown, kUnknown, 1, limits.collapse_spread}},
      {"reach", {check.reach, kUnknown, kUnknown, 1, limits.exploding_reach}},
      {"movement", {check.movement, kUnknown, kUnknown, check.movement_baseline, limits.movement}},
      {"remembered_auc", {check.remembered_auc, kUnknown, kUnknown, kUnknown, limits.forgotten_auc}},
      {"coverage",
       {check.coverage, kUnknown, kUnknown, check.coverage_baseline, limits.match_coverage * check.coverage_baseline}},
      {"density", {check.density, kUnknown, kUnknown, 1, limits.partial_density}},
      {"bins_different", {check.bins_different, kUnknown, kUnknown, 0.05, check.bins_limit}},
      {"starved_bins",
       {static_cast<double>(check.starved_bins.size()), kUnknown, kUnknown, 0,
        std::ceil(bins * (check.density >= limits.whole_density ? limits.few_starved_bins : limits.starved_bins))}},
      {"signal_at_logits", {check.signal_at_logits, kUnknown, kUnknown, kUnknown, limits.signal_at_logits}},
      {"signal_at_images", {check.signal_at_images, kUnknown, kUnknown, kUnknown, kUnknown}},
      {"signal_agreement", {check.signal_agreement, kUnknown, kUnknown, kUnknown, kUnknown}},
      {"kid", {check.kid, check.kid_low, check.kid_high, check.kid_baseline, check.kid_mild}},
      {"improvement_p", {check.improvement_p, kUnknown, kUnknown, kUnknown, limits.significant}},
      {"new_fakes_auc",
       {check.new_fakes_auc, kUnknown, kUnknown, check.rival_auc, check.rival_auc - limits.growth_auc}},
      {"new_critic_auc",
       {check.new_critic_auc, kUnknown, kUnknown, check.rival_auc, check.rival_auc + limits.growth_auc}},
      {"truth_psnr_db", {check.truth_psnr_db, kUnknown, kUnknown, check.source_psnr_db, kUnknown}},
      {"source_distance", {check.source_distance, kUnknown, kUnknown, 1, limits.copied_distance}},
      {"truth_distance", {check.truth_distance, kUnknown, kUnknown, 1, limits.copied_truth}},
      {"source_kid", {check.source_kid, check.source_kid_low, kUnknown, check.kid_baseline, check.kid_mild}},
      {"source_effect", {check.source_effect, kUnknown, kUnknown, 1, limits.source_effect}},
      {"own_truth", {check.own_truth, kUnknown, check.own_truth_high, 0.5, limits.own_truth}},
      {"color_variety", {check.color_variety, kUnknown, kUnknown, 1, limits.color_variety}},
      {"light_agreement", {check.light_agreement, kUnknown, kUnknown, kUnknown, limits.inverted_light}},
      {"negative_kid", {check.negative_kid, kUnknown, kUnknown, check.kid, limits.inverted_kid * check.kid}},
      {"loss_swing", {check.loss_swing, kUnknown, kUnknown, 1, 2}},
  };
}

/// The measurements that tell most about a state, the most telling first.
std::vector<std::string> telling(State state) {
  switch (state) {
    case State::standing_still: return {"kid"};
    case State::diverged:
      return {"truth_psnr_db", "weight_growth", "update_ratio", "reach", "kid", "slope_ratio", "finite"};
    case State::copying: return {"copying_z", "nearer_share", "repeated", "known_nearest", "kid"};
    case State::discriminator_overfitting: return {"auc_training", "auc_unseen", "memorising", "kid"};
    case State::full_collapse: return {"diversity", "raw_diversity", "spread", "coverage"};
    case State::cycling: return {"movement", "remembered_auc", "improvement_p", "loss_swing"};
    case State::copies_input: return {"source_distance", "truth_distance", "kid", "source_kid"};
    case State::ignores_input: return {"own_truth", "source_effect", "diversity", "spread", "kid"};
    case State::wrong_colors: return {"color_variety", "light_agreement", "negative_kid", "kid"};
    case State::partial_collapse: return {"starved_bins", "coverage", "diversity", "density"};
    case State::generator_starved:
      return {"auc_unseen", "signal_at_logits", "signal_at_images", "signal_agreement", "kid"};
    case State::discriminator_too_strong: return {"auc_unseen", "new_fakes_auc", "improvement_p", "kid"};
    case State::discriminator_too_weak: return {"auc_unseen", "fresh_critic", "pixel_critic", "kid"};
    case State::converged:
    case State::good_plateau:
      return {"kid",      "fresh_critic",   "auc_unseen", "pixel_critic", "p_real_unseen", "p_real_fake",
              "coverage", "bins_different", "diversity",  "copying_z",    "repeated"};
    case State::stalled: return {"improvement_p", "new_fakes_auc", "new_critic_auc", "kid"};
    case State::not_judged: return {"truth_psnr_db", "auc_unseen", "p_real_unseen", "p_real_fake", "loss_swing"};
    case State::warming_up:
    case State::healthy_duel:
    case State::undecided:
      return {"kid",          "auc_unseen", "fresh_critic", "new_fakes_auc",  "new_critic_auc",
              "pixel_critic", "coverage",   "diversity",    "bins_different", "loss_swing"};
  }
  return {};
}

}  // namespace

ordered_json to_json(const Remedy& remedy) {
  ordered_json settings = ordered_json::object();
  for (const auto& [key, value] : remedy.settings) settings[key] = value;
  return {{"what", remedy.what},           {"why", remedy.why},    {"source", remedy.source},
          {"automatic", remedy.automatic}, {"settings", settings}, {"restarts", remedy.restarts}};
}

Remedy remedy_from_json(const ordered_json& json) {
  Remedy remedy{.what = json.at("what"),
                .why = json.at("why"),
                .source = json.at("source"),
                .automatic = json.at("automatic"),
                .settings = {},
                .restarts = json.at("restarts")};
  for (const auto& [key, value] : json.at("settings").items()) remedy.settings.emplace_back(key, value);
  return remedy;
}

Verdict make_verdict(const std::vector<Finding>& findings, const std::vector<Check>& checks, const Config& config,
                     const Limits& limits, const Texts& texts) {
  Verdict verdict;
  Check check = checks.empty() ? Check{} : checks.back();
  // As it is compared: of one that hops and comes back, the last movement may be none.
  const double movement = checks.empty() ? kUnknown : recent_movement(checks, checks.size() - 1);
  if (!std::isnan(movement)) check.movement = movement;
  verdict.step = check.step;
  verdict.check_seconds = check.cost_seconds;
  verdict.state = findings.front().state;
  verdict.since_step = findings.front().since_step;
  for (size_t i = 1; i < findings.size(); ++i) verdict.also.push_back(findings[i].state);
  auto values = values_of(check, verdict.since_step, checks.size());
  std::vector<std::string> standing;
  if (verdict.state == State::standing_still) {
    // Who stood before the last check, if nobody does any more: a state outlasts its first check without it.
    auto at = checks.rbegin();
    const auto who = [&] { return standing_players(*at, {.slow_players = slow_players(config), .limits = limits}); };
    while (at + 1 != checks.rend() && who().empty()) ++at;
    standing = who();
    values = values_of_standing(standing, *at, verdict.since_step == checks.front().step, texts, std::move(values));
  }
  verdict.sentence = texts.text("sentence", sentence_of(verdict.state, check, limits), values);
  if (verdict.state != State::warming_up && verdict.state != State::diverged && !checks.empty()) {
    if (!check.features_work && verdict.state != State::not_judged)
      verdict.sentence += texts.text("sentence", "features-fail");
    if (check.unseen < limits.enough_unseen) verdict.sentence += texts.text("sentence", "too-little-data", values);
  }
  for (const auto& player : standing) {
    const auto update = check.updates.find(player);
    if (update == check.updates.end()) continue;
    verdict.evidence.push_back({texts.text("evidence", "player_update", {{"player", texts.text("player", player)}}),
                                update->second, kUnknown, kUnknown, kUnknown, limits.still_update});
  }
  const auto all = measured(check, limits);
  for (const auto& name : telling(verdict.state)) {
    const auto& item = all.at(name);
    if (std::isnan(item.value)) continue;
    verdict.evidence.push_back(
        {texts.text("evidence", name), item.value, item.low, item.high, item.baseline, item.threshold});
  }
  verdict.remedies = remedies_for(verdict.state, verdict.since_step, config, texts);
  return verdict;
}

Verdict diverged_verdict(int64_t step, int64_t since_step, const Config& config, const Texts& texts) {
  Verdict verdict;
  verdict.step = step;
  verdict.state = State::diverged;
  verdict.since_step = since_step;
  verdict.sentence = texts.text("sentence", "diverged", {{"since", std::to_string(since_step)}});
  verdict.evidence = {{texts.text("evidence", "finite"), 0, kUnknown, kUnknown, 1, 1}};
  verdict.remedies = remedies_for(State::diverged, since_step, config, texts);
  return verdict;
}

std::string to_json(const Verdict& verdict) {
  ordered_json line;
  line["step"] = verdict.step;
  line["state"] = state_name(verdict.state);
  if (!verdict.way.empty()) line["way"] = verdict.way;
  line["sentence"] = verdict.sentence;
  line["since_step"] = verdict.since_step;
  line["also"] = ordered_json::array();
  for (const State state : verdict.also) line["also"].push_back(state_name(state));
  line["evidence"] = ordered_json::array();
  for (const auto& item : verdict.evidence) {
    const bool has_interval = std::isfinite(item.low) && std::isfinite(item.high);
    line["evidence"].push_back({{"name", item.name},
                                {"value", json_number(item.value)},
                                {"interval", has_interval ? ordered_json{item.low, item.high} : ordered_json(nullptr)},
                                {"baseline", json_number(item.baseline)},
                                {"threshold", json_number(item.threshold)}});
  }
  line["remedies"] = ordered_json::array();
  for (const auto& remedy : verdict.remedies) line["remedies"].push_back(to_json(remedy));
  if (verdict.mend) {
    line["mend"] = {{"action", verdict.mend->action},
                    {"attempt", verdict.mend->attempt},
                    {"against", state_name(verdict.mend->against)},
                    {"remedy", to_json(verdict.mend->remedy)},
                    {"back_to_step", verdict.mend->back_to_step}};
  }
  return line.dump();
}

std::string state_name(State state) { return names().at(state); }

std::optional<Verdict> verdict_in(const std::string& line) {
  Verdict verdict;
  try {
    const auto json = ordered_json::parse(line);
    json.at("step").get_to(verdict.step);
    verdict.state = state_from_name(json.at("state"));
    if (const auto way = json.find("way"); way != json.end()) way->get_to(verdict.way);
    json.at("sentence").get_to(verdict.sentence);
    json.at("since_step").get_to(verdict.since_step);
    for (const auto& state : json.at("also")) verdict.also.push_back(state_from_name(state));
    for (const auto& item : json.at("evidence")) {
      const auto& interval = item.at("interval");
      verdict.evidence.push_back({.name = item.at("name"),
                                  .value = number_in(item.at("value")),
                                  .low = interval.is_null() ? kUnknown : number_in(interval.at(0)),
                                  .high = interval.is_null() ? kUnknown : number_in(interval.at(1)),
                                  .baseline = number_in(item.at("baseline")),
                                  .threshold = number_in(item.at("threshold"))});
    }
    for (const auto& remedy : json.at("remedies")) verdict.remedies.push_back(remedy_from_json(remedy));
    if (const auto mend = json.find("mend"); mend != json.end()) {
      verdict.mend = {.action = mend->at("action"),
                      .attempt = mend->at("attempt"),
                      .against = state_from_name(mend->at("against")),
                      .remedy = remedy_from_json(mend->at("remedy")),
                      .back_to_step = mend->at("back_to_step")};
    }
  } catch (const nlohmann::json::exception&) {
    return std::nullopt;
  } catch (const Error&) {  // a state of a newer version
    return std::nullopt;
  }
  return verdict;
}

State state_from_name(const std::string& name) {
  for (const auto& [state, known] : names()) {
    if (known == name) return state;
  }
  fail("state: received \"{}\", accepted: a state of docs/referee.md", name);
}

}  // namespace forger
