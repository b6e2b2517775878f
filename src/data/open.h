#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/levels.h"
#include "core/shape.h"
#include "data/dataset.h"
#include "data/source.h"
#include "forger/config.h"
#include "image/resize.h"

namespace forger {

/// A data set, split for good: `held_out` never reaches the players. On which side an image stands follows from what it
/// is
/// (`Source::mark`) and from the share that is held out, not from the training's seed or from the other images: a set
/// that grows or shrinks keeps its sides. Where the data itself sets images aside (open_held_out_source), those are
/// held out and no others.
struct OpenedData {
  /// All of it, as it is stored.
  std::shared_ptr<const Source> source;
  /// `Source::mark` of each of its items.
  std::vector<uint32_t> marks;
  /// What the data itself sets aside, and what the images are to be made from where that was given; null: none.
  std::shared_ptr<const Source> set_aside, item_sources;
  std::shared_ptr<const Dataset> training;
  std::shared_ptr<const Dataset> held_out;
  /// The share that decided: `options.held_out`, halved until at most 10,000 images are held out.
  double held_out_share = 0;
  ImageShape shape;
  /// Of what the images are to be made from; no numbers in sets of images alone.
  ImageShape source_shape = {};
  /// Number of classes when `options.labels`, else 0.
  int64_t classes = 0;
  /// How images come to it: as `options.fit` says, or where parts of them are learnt from, `tiles`, at their own scale.
  Fit fit = Fit::crop;
  /// How 16-bit values become 8 bits; measured over the training images where the options ask for that.
  Levels levels;
  /// Which of the source's items are trained on.
  std::vector<int64_t> items;
  /// As Source::incomplete has it.
  std::vector<std::string> incomplete;
  /// What else a person should know before a training begins, a line each: what was passed over, a size that is not the
  /// images' own.
  std::vector<std::string> notices;
};

/// The data as `config.game` takes it. Throws Error: missing, empty, not images …
OpenedData open_data(const Config& config);

/// Opens `options.source`. Automatic size, channels and levels are decided here. Throws Error: missing, empty, not
/// images …
OpenedData open_data(const DataOptions& options);

/// The same for a source that is open already (of `open_source(options)`).
OpenedData open_data(const DataOptions& options, std::shared_ptr<const Source> source);

/// What is to be said of the size that `options` leave open, when it is not the images' own; else empty. Throws Error
/// when no image can be read.
std::string size_notice(const Source& source, const DataOptions& options);

}  // namespace forger
