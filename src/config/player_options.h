#pragma once

#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "config/option_helpers.h"
#include "core/fail.h"

namespace forger {

/// The options of a player's own and, behind them, those of its optimiser.
template <auto Part>
std::vector<Option> player_options(const std::string& section, std::vector<Option> own) {
  const std::vector<Option> optimizer = {
      {section + ".optimizer", place<Part, &OptimizerOptions::optimizer>, words({"adam", "rmsprop", "sgd"}),
       "How gradients become steps."},
      {section + ".learning_rate", place<Part, &OptimizerOptions::learning_rate>, above(0, 10),
       "The size of a step. Too high diverges or oscillates, too low takes longer."},
      {section + ".beta1", place<Part, &OptimizerOptions::beta1>, below(0, 1),
       "Adam's first decay rate, or SGD's momentum."},
      {section + ".beta2", place<Part, &OptimizerOptions::beta2>, below(0, 1),
       "Adam's second decay rate, or RMSprop's smoothing constant."},
      {section + ".epsilon", place<Part, &OptimizerOptions::epsilon>, above(0, 1),
       "Added to the root of the second moment."},
      {section + ".turns_per_step", place<Part, &OptimizerOptions::turns_per_step>, range(1, 1000),
       "Turns in each step; each costs one forward and backward pass.", !kArchitecture, section + ".steps_per_turn"},
  };
  own.insert(own.end(), optimizer.begin(), optimizer.end());
  return own;
}

/// The options of a player.
template <auto Part>
using OptionsOf = std::remove_cvref_t<decltype(std::declval<Config&>().*Part)>;

/// How wide the levels of a network are.
template <auto Part>
Option width_option(const std::string& section, double most = 8192) {
  return {section + ".width", place<Part, &OptionsOf<Part>::width>, range(1, most),
          "Channels of the layer next to the image; each level below has twice as many. Time grows with its square.",
          kArchitecture};
}

template <auto Part>
Option max_width_option(const std::string& section) {
  return {section + ".max_width", place<Part, &OptionsOf<Part>::max_width>, range(1, 8192),
          "Most channels of any layer.", kArchitecture};
}

/// Throws Error unless `options.width` is at most `options.max_width`.
template <class Options>
void check_widths(const std::string& section, const Options& options) {
  if (options.width <= options.max_width) return;
  fail("{}.max_width: received {}, accepted: at least {}.width, which is {}", section, options.max_width, section,
       options.width);
}

}  // namespace forger
