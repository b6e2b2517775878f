#include "data/data_record.h"

#include "core/fail.h"
#include "core/json.h"
#include "core/plural.h"
#include "core/random.h"
#include "core/text.h"

namespace forger {
namespace {

class RunningHash {
 public:
  void add(uint64_t number) { hash_ = derive_seed(hash_, Stream::held_out, number); }
  std::string text() const { return fmt::format("{:016x}", hash_); }

 private:
  uint64_t hash_ = 0;
};

template <class Record, class Visit>
void for_each_field(Record& record, Visit&& visit) {
  visit("kind", record.kind);
  visit("images", record.images);
  visit("held_out", record.held_out);
  visit("marks", record.marks);
  visit("sizes", record.sizes);
  visit("mixed", record.mixed);
}

/// Those that older versions do not write.
template <class Record, class Visit>
void for_each_later_field(Record& record, Visit&& visit) {
  visit("classes", record.classes);
  visit("set_aside", record.set_aside);
  visit("sources", record.sources);
  visit("chosen", record.chosen);
  visit("files", record.files);
}

std::string hash_of_classes(const Source& source) {
  if (source.class_names().empty()) return {};
  RunningHash classes;
  for (int64_t i = 0; i < source.size(); ++i) classes.add(static_cast<uint64_t>(source.label(i)));
  return classes.text();
}

/// Of images beside the data set; empty where there are none.
std::string hash_of_images(const Source* source) {
  if (!source) return {};
  RunningHash images;
  for (int64_t i = 0; i < source->size(); ++i) {
    images.add(source->mark(i));
    images.add(static_cast<uint64_t>(source->stored_bytes(i)));
  }
  return images.text();
}

bool differ(const std::string& then, const std::string& now) { return !then.empty() && !now.empty() && then != now; }

/// `mark`: of an item.
template <class Mark>
DataRecord record_with(const Source& source, double held_out, Mark&& mark) {
  RunningHash marks, sizes;
  for (int64_t i = 0; i < source.size(); ++i) {
    marks.add(mark(i));
    sizes.add(static_cast<uint64_t>(source.stored_bytes(i)));
  }
  return {source.kind(), source.size(), held_out, marks.text(), sizes.text(), false, hash_of_classes(source)};
}

}  // namespace

DataRecord record_of(const Source& source, double held_out) {
  return record_with(source, held_out, [&](int64_t item) { return source.mark(item); });
}

DataRecord record_of(const OpenedData& data) {
  auto record = record_with(*data.source, data.held_out_share,
                            [&](int64_t item) { return data.marks[static_cast<size_t>(item)]; });
  record.set_aside = hash_of_images(data.set_aside.get());
  record.sources = hash_of_images(data.item_sources.get());
  RunningHash chosen;
  for (const int64_t item : data.items) chosen.add(static_cast<uint64_t>(item));
  record.chosen = chosen.text();
  return record;
}

DataChange change_between(const DataRecord& then, const DataRecord& now) {
  std::vector<std::string> changes;
  const bool same = then.kind == now.kind && then.images == now.images && then.marks == now.marks;
  if (then.kind != now.kind) changes.push_back(fmt::format("{}, not {}", now.kind, then.kind));
  if (then.images != now.images)
    changes.push_back(fmt::format("{}, not {}", counted(now.images, "image"), then.images));
  if (!same && changes.empty())
    changes.push_back(fmt::format("{} as before, but others or in another order", counted(now.images, "image")));
  if (same && then.sizes != now.sizes) changes.push_back("the same names, but files of other sizes");
  if (same && differ(then.classes, now.classes)) changes.push_back("the same images, but of other classes");
  // Another share, or other images, choose others of themselves.
  if (same && then.held_out == now.held_out && differ(then.chosen, now.chosen))
    changes.emplace_back("others of the same images, as other classes or sides were chosen");
  const bool sets_others_aside = differ(then.set_aside, now.set_aside);
  if (sets_others_aside) changes.push_back("other images set aside, or files of other sizes");
  if (differ(then.sources, now.sources)) changes.push_back("other images to make them from, or files of other sizes");
  if (then.held_out != now.held_out) {
    changes.push_back(fmt::format("a share of {:g} held out, not {:g}", now.held_out, then.held_out));
  }
  return {join(changes, ", "), then.kind != now.kind || now.held_out > then.held_out || sets_others_aside};
}

std::string to_json(const DataRecord& record) {
  nlohmann::ordered_json json;
  for_each_field(record, FieldWriter{json});
  for_each_later_field(record, FieldWriter{json});
  return json_text(json);
}

DataRecord data_record_from_json(const std::string& text, const std::string& where) {
  try {
    DataRecord record;
    const auto json = nlohmann::ordered_json::parse(text);
    for_each_field(record, FieldReader{json});
    for_each_later_field(record, FieldReader{json, /*may_miss=*/true});
    return record;
  } catch (const nlohmann::json::exception&) {
    fail("{}: is no record of a data set", where);
  }
}

}  // namespace forger
