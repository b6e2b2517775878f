#include "api/inspector.h"
#include "api/photographs.h"
#include "api/task_measures.h"
#include "core/fail.h"

namespace forger {

TaskEvaluation measure_pictures(const std::string& pictures, const std::string& photographs,
                                const TaskOptions& options) {
  if (!options.pristine.empty())
    fail("option pristine: received {}, accepted with a model: pictures are measured with {}", options.pristine,
         photographs);
  TaskEvaluation result;
  DataOptions real;
  real.source = photographs;
  const auto known = read_photographs(*open_source(real), Levels{}, photographs);
  if (!known.model) fail("niqe: {}", known.definition);
  const Questions questions(pictures, /*detects=*/false, options, ModelInfo{});
  ItemLists lists(options.team);
  const auto prepare = [&](int64_t item, const Pixels& image) {
    return niqe_features(image, questions.source().name(item));
  };
  for_each_image(questions, options.count, lists, result, prepare, [&](int64_t item, const at::Tensor& features) {
    lists.add(item, "niqe", known.model->distance(features));
  });
  if (!hear_all(lists, result)) return {};
  result.skipped.insert(result.skipped.end(), known.skipped.begin(), known.skipped.end());
  std::vector<double> own;
  for (const auto& features : known.features) own.push_back(known.model->distance(features));
  constexpr double kNoLimit = std::numeric_limits<double>::infinity();
  result.measures = {mean_of("niqe", lists.numbers("niqe"), 0, kNoLimit),
                     mean_of("niqe of the photographs", own, 0, kNoLimit)};
  for (auto& measure : result.measures) measure.definition = known.definition;
  return result;
}

}  // namespace forger
