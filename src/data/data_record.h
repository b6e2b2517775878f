#pragma once

#include <cstdint>
#include <string>

#include "data/source.h"

namespace forger {

/// What a data set was at one moment: enough to tell later that it is another one.
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
};

/// Looks at every name and size, decodes nothing.
DataRecord record_of(const Source& source, double held_out);

struct DataChange {
  /// For people: "6010 images, not 6000". Empty where nothing changed.
  std::string what;
  /// Whether images that were trained on may be held out now. Within one kind of data each image keeps its side,
  /// whatever comes or goes beside it.
  bool mixes = false;
};
DataChange change_between(const DataRecord& then, const DataRecord& now);

std::string to_json(const DataRecord& record);
/// Throws Error where the text is none, naming `where`.
DataRecord data_record_from_json(const std::string& text, const std::string& where);

}  // namespace forger
