#include "objectives/catalog.h"

#include <functional>
#include <map>

#include "core/fail.h"
#include "core/text.h"
#include "objectives/losses.h"

namespace forger {
namespace {

struct Entry {
  std::string name;
  /// What papers and other programs call it: for "did you mean" only, never accepted.
  std::vector<std::string> other_names;
  std::function<std::shared_ptr<const Objective>(const ObjectiveOptions&)> make;
};

const std::vector<Entry>& table() {
  static const std::vector<Entry> entries = {
      {"minimax",
       {"gan", "saturating", "vanilla"},
       [](auto& options) { return std::make_shared<MinimaxObjective>(options.label_smoothing); }},
      {"non-saturating",
       {"ns", "nsgan", "logistic", "bce"},
       [](auto& options) { return std::make_shared<NonSaturatingObjective>(options.label_smoothing); }},
      {"density-ratio",
       {"alpha-gan", "kl"},
       [](auto& options) { return std::make_shared<DensityRatioObjective>(options.label_smoothing); }},
      {"least-squares",
       {"lsgan", "mse"},
       [](auto& options) { return std::make_shared<LeastSquaresObjective>(options.label_smoothing); }},
      {"wasserstein", {"wgan"}, [](auto& options) { return std::make_shared<WassersteinObjective>(options.name); }},
      {"wasserstein-gp",
       {"wgan-gp"},
       [](auto& options) { return std::make_shared<WassersteinObjective>(options.name); }},
      {"hinge", {"sngan"}, [](auto&) { return std::make_shared<HingeObjective>(); }},
      {"relativistic", {"rpgan", "rsgan", "r3gan"}, [](auto&) { return std::make_shared<RelativisticObjective>(); }},
      {"relativistic-average",
       {"ragan", "rasgan", "esrgan"},
       [](auto&) { return std::make_shared<RelativisticAverageObjective>(); }},
  };
  return entries;
}

/// ` (did you mean "x"?)`, also for a name that only others use.
std::string suggestion(const std::string& received) {
  std::map<std::string, std::string> known;
  for (const auto& entry : table()) {
    known[entry.name] = entry.name;
    for (const auto& other : entry.other_names) known[other] = entry.name;
  }
  std::vector<std::string> words;
  for (const auto& [word, name] : known) words.push_back(word);
  const auto nearest = nearest_word(received, words);
  return nearest.empty() ? "" : fmt::format(" (did you mean \"{}\"?)", known.at(nearest));
}

}  // namespace

std::shared_ptr<const Objective> make_objective(const ObjectiveOptions& options) {
  for (const auto& entry : table()) {
    if (entry.name == options.name) return entry.make(options);
  }
  fail("objective.name: received \"{}\", accepted: {}{}", options.name, join(objective_names()),
       suggestion(options.name));
}

std::vector<std::string> objective_names() {
  std::vector<std::string> names;
  for (const auto& entry : table()) names.push_back(entry.name);
  return names;
}

}  // namespace forger
