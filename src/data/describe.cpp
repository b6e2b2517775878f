#include "data/describe.h"

#include "data/open.h"
#include "data/source.h"

namespace forger {

DataDescription describe_data(const DataOptions& options) {
  const auto source = open_source(options);
  const OpenedData data = open_data(options, source);
  DataDescription description;
  description.kind = source->kind();
  description.count = data.training->size() + data.held_out->size();
  description.held_out = data.held_out->size();
  description.shape = data.shape;
  description.conversion = conversion_notes(data, options);
  description.incomplete = data.incomplete;
  description.notices = data.notices;
  description.class_names = source->class_names();
  description.class_counts.resize(description.class_names.size());
  for (int64_t i = 0; !description.class_names.empty() && i < source->size(); ++i) {
    ++description.class_counts[static_cast<size_t>(source->label(i))];
  }
  return description;
}

}  // namespace forger
