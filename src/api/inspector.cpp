#include "api/inspector.h"

#include <utility>

#include "core/torch.h"
#include "data/inputs.h"
#include "image/grid.h"

namespace forger {
namespace {

Tiling tiling_of(const ModelInfo& info) {
  Tiling tiling;
  tiling.height_px = info.height_px;
  tiling.width_px = info.width_px;
  tiling.channels = info.channels;
  return tiling;
}

/// Makes a score of the tiles' highest one.
class ScoredReporter : public Tiler::Reporter {
 public:
  ScoredReporter(const Model& model, std::unique_ptr<Inspector::Reporter> told)
      : model_(model), told_(std::move(told)) {}
  void row(const uint8_t* image, const float* map) override { told_->row(image, map); }
  void done(double highest, int64_t tiles) override {
    const double score = model_.score_of_tiles(highest, tiles);
    told_->done(score, model_.p_normal(score));
  }

 private:
  const Model& model_;
  std::unique_ptr<Inspector::Reporter> told_;
};

}  // namespace

ImageShape shape_of(const ModelInfo& info) { return {info.channels, info.height_px, info.width_px}; }

Levels levels_of(const ModelInfo& info) { return levels_in(info.levels).value_or(Levels{}); }

std::unique_ptr<RowReader> to_inspect(std::unique_ptr<RowReader> rows, const ModelInfo& info, const std::string& name,
                                      const std::string& resize) {
  if (is_seen_in_tiles(rows->height(), rows->width(), shape_of(info), name, resize)) return rows;
  Pixels image(rows->height(), rows->width(), rows->channels());
  rows->read(image.values.data(), image.height);
  return rows_of(to_model_shape(std::move(image), shape_of(info), name, resize), name);
}

Inspector::Inspector(const Model& model, const DetectOptions& options)
    : model_(model), tiler_(tiling_of(model.info()), [&model, options](const at::Tensor& tiles) -> Tiler::Made {
        auto found = model.detect(to_floats(tiles), options);
        return {std::move(found.maps), std::move(found.scores)};
      }) {}

void Inspector::add(RowReader& rows, std::unique_ptr<Reporter> reporter) {
  tiler_.add(rows, std::make_unique<ScoredReporter>(model_, std::move(reporter)));
}

}  // namespace forger
