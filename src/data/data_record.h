#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "data/open.h"

namespace forger {

/// What a training reads at one moment, its data set and files beside it: enough to tell later that it is another one.
struct DataRecord {
  /// `Source::kind`.
  std::string kind;
  int64_t images = 0;
  /// The share by which images were told from held-out ones (OpenedData::held_out_share).
  double held_out = 0;
  /// Hashes, hexadecimal, of what all images are (`Source::mark`), in order, and of how large they are
  /// (`stored_bytes`).
  std::string marks, sizes;
  /// Whether images that are held out now may have been trained on before: other data came in between.
  bool mixed = false;
  /// Hashes as above: of the images' classes; of the images that the data itself sets aside, and of those that the
  /// images are to be made from, what they are and how large. Empty: there are none, or they were not looked at.
  std::string classes = {}, set_aside = {}, sources = {};
  /// A hash of which of the images are trained on (OpenedData::items): those of the classes that were chosen, one
  /// side's after the other's.
  std::string chosen = {};
  /// Checksums of files that are no images, by the key that names them (`Game::files`).
  std::map<std::string, std::string> files = {};
};

/// Looks at every name and size, decodes nothing.
DataRecord record_of(const Source& source, double held_out);
/// The same with the images beside the source.
DataRecord record_of(const OpenedData& data);

struct DataChange {
  /// For people: "6010 images, not 6000". Empty where nothing changed.
  std::string what;
  /// Whether images that were trained on may be held out now. Within one kind of data each image keeps its side,
  /// whatever comes or goes beside it.
  bool mixes = false;
};
/// Of images; what only one of the records knows is passed over.
DataChange change_between(const DataRecord& then, const DataRecord& now);

std::string to_json(const DataRecord& record);
/// Throws Error where the text is none, naming `where`.
DataRecord data_record_from_json(const std::string& text, const std::string& where);

}  // namespace forger
