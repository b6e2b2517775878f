#include "referee/ways.h"

#include <algorithm>
#include <iterator>

#include "config/game_table.h"

namespace forger {
namespace {

/// States that are no sickness, from the worst on.
constexpr State kWorstFirst[] = {State::warming_up,   State::undecided, State::healthy_duel,
                                 State::good_plateau, State::converged, State::not_judged};

/// Sick states as they lead in a game, then those that still have a way to go.
bool is_worse(State one, State other) {
  if (is_sick(one) && is_sick(other)) return one < other;
  if (is_sick(one) || is_sick(other)) return is_sick(one);
  const auto place = [](State state) { return std::find(std::begin(kWorstFirst), std::end(kWorstFirst), state); };
  return place(one) < place(other);
}

/// States of the other way stand beside those of the one that leads, but what is sick is not well as well.
void add_states_of(const std::vector<Finding>& other, Verdict& verdict) {
  for (const Finding& found : other) {
    const bool known = found.state == verdict.state ||
                       std::find(verdict.also.begin(), verdict.also.end(), found.state) != verdict.also.end();
    if (!known && is_sick(found.state)) verdict.also.push_back(found.state);
  }
}

/// Of which way it is; too early to say, it is of both.
void name_way(const std::string& way, const Texts& texts, Verdict& verdict) {
  verdict.way = way;
  if (verdict.state != State::warming_up)
    verdict.sentence = texts.text("label", "way", {{"way", way}}) + verdict.sentence;
}

}  // namespace

bool goes_both_ways(const Config& config) {
  const auto players = players_of(config);
  return std::any_of(players.begin(), players.end(),
                     [](const PlayerRow& player) { return player.name == "generator-back"; });
}

std::string way_name(const Config& config, bool back) {
  return (config.pairs.direction == "b2a") == back ? "a2b" : "b2a";
}

bool is_way_back(const Config& config, const std::string& way) { return way == way_name(config, /*back=*/true); }

Verdict judge_ways(const std::vector<Check>& checks, const Situation& situation, const Config& config,
                   const Texts& texts) {
  const auto first = find_states(checks, situation);
  const auto checks_back = way_back(checks);
  if (checks_back.empty()) return make_verdict(first, checks, config, situation.limits, texts);
  const auto back = find_states(checks_back, situation);
  const bool back_leads = is_worse(back.front().state, first.front().state);
  auto verdict = back_leads ? make_verdict(back, checks_back, config, situation.limits, texts)
                            : make_verdict(first, checks, config, situation.limits, texts);
  add_states_of(back_leads ? first : back, verdict);
  verdict.check_seconds = checks.back().cost_seconds;
  name_way(way_name(config, back_leads), texts, verdict);
  return verdict;
}

Verdict say_again(const Verdict& said, const std::vector<Check>& checks, const Config& config, const Texts& texts) {
  const bool of_a_check = !checks.empty() && checks.back().step == said.step;
  if (!of_a_check && said.state == State::diverged) return diverged_verdict(said.step, said.since_step, config, texts);
  std::vector<Finding> findings{{said.state, said.since_step}};
  for (const State state : said.also) findings.push_back({state, said.since_step});
  const bool back = is_way_back(config, said.way);
  auto verdict = make_verdict(findings, back ? way_back(checks) : checks, config, Limits{}, texts);
  verdict.step = said.step;
  verdict.mend = said.mend;
  if (!said.way.empty()) name_way(said.way, texts, verdict);
  return verdict;
}

}  // namespace forger
