#include "data/data_record.h"

#include "core/fail.h"
#include "core/json.h"
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

}  // namespace

DataRecord record_of(const Source& source, double held_out) {
  RunningHash marks, sizes;
  for (int64_t i = 0; i < source.size(); ++i) {
    marks.add(source.mark(i));
    sizes.add(static_cast<uint64_t>(source.stored_bytes(i)));
  }
  return {source.kind(), source.size(), held_out, marks.text(), sizes.text(), false};
}

DataChange change_between(const DataRecord& then, const DataRecord& now) {
  std::vector<std::string> changes;
  const bool same = then.kind == now.kind && then.images == now.images && then.marks == now.marks;
  if (then.kind != now.kind) changes.push_back(fmt::format("{}, not {}", now.kind, then.kind));
  if (then.images != now.images) changes.push_back(fmt::format("{} images, not {}", now.images, then.images));
  if (!same && changes.empty())
    changes.push_back(fmt::format("{} images as before, but others or in another order", now.images));
  if (same && then.sizes != now.sizes) changes.push_back("the same names, but files of other sizes");
  if (then.held_out != now.held_out) {
    changes.push_back(fmt::format("a share of {:g} held out, not {:g}", now.held_out, then.held_out));
  }
  return {join(changes, ", "), then.kind != now.kind || now.held_out > then.held_out};
}

std::string to_json(const DataRecord& record) {
  nlohmann::ordered_json json;
  for_each_field(record, FieldWriter{json});
  return json_text(json);
}

DataRecord data_record_from_json(const std::string& text, const std::string& where) {
  try {
    DataRecord record;
    const auto json = nlohmann::ordered_json::parse(text);
    for_each_field(record, FieldReader{json});
    return record;
  } catch (const nlohmann::json::exception&) {
    fail("{}: is no record of a data set", where);
  }
}

}  // namespace forger
