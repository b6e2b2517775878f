#include "api/kind_distances.h"
#include "api/known_pairs.h"
#include "api/task_measures.h"
#include "api/truth_measures.h"
#include "core/fail.h"
#include "core/random.h"
#include "core/torch.h"
#include "image/resize.h"

namespace forger {
namespace {

/// A window of ssim.
constexpr int64_t kLeastTranslatedSide = 11;

/// What an image is to be made from, and the image.
struct Asked {
  Pixels source, truth;
};

/// Measures do not know alpha.
Pixels without_alpha(Pixels image) {
  const int64_t channels = image.channels == 4 ? 3 : image.channels;
  return to_channels(std::move(image), channels);
}

/// Makes the pairs of the model's channels, and of its size unless `fit` is empty.
class AskedPairs {
 public:
  AskedPairs(const Questions& questions, const ModelInfo& info, std::string fit)
      : questions_(questions), info_(info), fit_(std::move(fit)) {
    if (is_derived(questions.pairs())) derivation_.emplace(questions.pairs());
  }

  /// Throws Error where the sides do not fit each other, or are too small to be measured.
  Asked of(int64_t item, Pixels picture, int64_t& clipped) const {
    const auto name = questions_.source().name(item);
    Asked asked;
    if (derivation_) {
      picture = fitted(std::move(picture));
      asked.source = derivation_->apply(
          picture, ItemRandom(derive_seed(kFixedDraw, Stream::data_draw, static_cast<uint64_t>(item))));
      asked.truth = std::move(picture);
      if (questions_.pairs().direction == "b2a") std::swap(asked.source, asked.truth);
    } else {
      auto source = questions_.decode_pair_source(item, clipped);
      if (source.height != picture.height || source.width != picture.width) {
        fail("{}: is {}x{} (height x width), and what it is made from {}x{}; accepted: equal sizes", name,
             picture.height, picture.width, source.height, source.width);
      }
      const auto filter = info_.source_kinds > 0 ? Filter::nearest : Filter::bicubic;
      asked = {fitted(std::move(source), filter), fitted(std::move(picture))};
    }
    if (std::min(asked.truth.height, asked.truth.width) < kLeastTranslatedSide) {
      fail("{}: is {}x{} (height x width), accepted: at least {} pixels a side", name, asked.truth.height,
           asked.truth.width, kLeastTranslatedSide);
    }
    const bool back = is_back();
    return {to_channels(std::move(asked.source), back ? info_.channels : info_.source_channels),
            to_channels(std::move(asked.truth), back ? info_.source_channels : info_.channels)};
  }

  /// Which way the model is to go; empty: the only one it knows.
  std::string direction() const { return info_.directions.size() > 1 ? questions_.pairs().direction : ""; }

 private:
  bool is_back() const { return info_.directions.size() > 1 && direction() == info_.directions[1]; }
  Pixels fitted(Pixels picture, Filter filter = Filter::bicubic) const {
    if (fit_.empty()) return picture;
    const int64_t channels = picture.channels;
    return fit_image(std::move(picture), {channels, info_.height_px, info_.width_px}, parse_fit(fit_), filter);
  }

  const Questions& questions_;
  const ModelInfo& info_;
  std::string fit_;
  std::optional<Derivation> derivation_;
};

/// How pictures come to the model's size: as asked for, else as in its training; empty: they keep their own.
std::string fit_for(const TaskOptions& options, const ModelInfo& info) {
  const auto fit = options.resize.empty() ? known_pairs(info).fit : options.resize;
  if (info.height_px > 0) return fit == "tiles" ? "" : fit;
  if (!options.resize.empty()) fail("resize: received {}, accepted: nothing, as the model has no size", options.resize);
  return "";
}

}  // namespace

void measure_translation(const Model& model, const Questions& questions, const TaskOptions& options,
                         TaskEvaluation& result) {
  const auto& info = model.info();
  const bool truths_are_derived = is_derived(questions.pairs()) && questions.pairs().direction == "b2a";
  for (const char* metric : {"niqe", "feature-distance"}) {
    if (truths_are_derived && wants(options, metric)) {
      fail("metrics: received {}, accepted: l1, psnr, ssim, as the images are derived from pictures", metric);
    }
  }
  const auto fit = fit_for(options, info);
  const AskedPairs pairs(questions, info, fit);
  ItemLists lists(options.team);
  TruthMeasures measures(questions, options, "the sources", /*border=*/0, lists, result);
  const auto prepare = [&](int64_t item, Pixels picture) { return pairs.of(item, std::move(picture), result.clipped); };
  KindDistances distances(options, "the sources", lists, result);
  for_each_image(questions, options.count, lists, result, prepare, [&](int64_t item, Asked asked) {
    AnsweredPicture answered{
        questions.source().name(item), without_alpha(asked.truth),
        without_alpha(to_pixels(model.translate(to_tensor(asked.source), {.direction = pairs.direction()}))),
        std::nullopt};
    auto source = without_alpha(std::move(asked.source));
    if (info.source_kinds == 0 && source.channels == answered.truth.channels) answered.plain = std::move(source);
    measures.add(item, answered);
    distances.add(item, answered);
  });
  if (!hear_all(lists, result)) return;
  result.pairs = questions.describe_pairs();
  if (!fit.empty()) result.pairs += fmt::format("; brought to {}x{} ({})", info.height_px, info.width_px, fit);
  measures.finish();
  distances.finish();
}

}  // namespace forger
