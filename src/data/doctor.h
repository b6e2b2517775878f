#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "data/conversion.h"
#include "data/image_finding.h"
#include "data/pairs.h"
#include "data/passed_over.h"
#include "data/sides.h"
#include "forger/config.h"
#include "forger/team.h"

namespace forger {

/// What reading every image of a data set once has shown. Findings are in the order of the data.
struct DoctorReport {
  /// As Source::kind says it; empty where the data is damaged.
  std::string kind;
  int64_t images = 0;
  /// Containers that are damaged, or that end early or too late, each named with what was expected: images may be
  /// missing, or none can be had.
  std::vector<std::string> damaged;
  /// Training would lose these; the detail is the reason.
  std::vector<ImageFinding> unreadable;
  /// The extension promises another format than the content has. They load all the same.
  std::vector<ImageFinding> wrong_extension;
  /// A side below 16 px, one side over 4 times the other, or another size than at least nine in ten images have.
  std::vector<ImageFinding> odd_sizes;
  /// Another mode (grey, RGB, palette …) than most images have.
  std::vector<ImageFinding> other_modes;
  /// An alpha channel; the detail says whether a pixel is transparent.
  std::vector<ImageFinding> alpha;
  std::vector<ImageFinding> sixteen_bit;
  /// Turned upright by EXIF orientation.
  std::vector<ImageFinding> rotated;
  /// More than one frame, of which the first counts.
  std::vector<ImageFinding> animated;
  /// No channel spans more than 8 of 255 levels.
  std::vector<ImageFinding> near_constant;
  /// Groups of images whose pixels are the same.
  std::vector<std::vector<std::string>> duplicates;
  /// Of folders A and B, or trainA and trainB.
  PairReport pairs;
  SideReport sides;
  /// Of those of these folders that hold nothing but what may be label maps (pairs.kinds): the numbers that are stored,
  /// each once, ascending.
  std::map<std::string, std::vector<int64_t>> numbers;
  /// What training with `options` keeps of the images, and what is lost of the set as a whole.
  std::vector<ConversionNote> conversion;
  /// "width x height" -> images, and mode -> images.
  std::map<std::string, int64_t> sizes;
  std::map<std::string, int64_t> modes;
  /// Class name and its images, in the order of class numbers.
  std::vector<std::pair<std::string, int64_t>> classes;
  /// Files and folders passed over, as Source::ignored has them.
  PassedOver ignored;
  /// How the size that training would take by itself differs from the images' own; empty where it does not.
  std::string size_notice;
};

/// Reads and decodes everything that `options.source` names, on `options.workers` threads. `progress` is called now and
/// then with the number of images done, by any thread, one at a time. `team`: processes of which each reads its part,
/// and which all make this call; rank 0 gets the report, the others an empty one. Null: this one reads all. Throws
/// Error when the source cannot be opened, TeamError when another process is gone or sees other images.
DoctorReport check_data(const DataOptions& options, const std::function<void(int64_t done, int64_t all)>& progress = {},
                        const std::shared_ptr<Team>& team = nullptr);

}  // namespace forger
