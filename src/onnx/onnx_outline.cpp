#include "onnx/onnx_outline.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <set>

#include "core/fail.h"
#include "core/utf8.h"
#include "onnx/graph.h"
#include "onnx/onnx_fields.h"
#include "onnx/wire_reader.h"

namespace forger {
namespace {

/// Names in messages: any bytes may stand in a file.
constexpr size_t kMostOfName = 80;

std::string shown(const std::string& name) { return printable(name.substr(0, kMostOfName)); }

std::string_view bytes_of(const WireField& field) {
  if (!field.bytes) fail("field {} is a number, not bytes", field.number);
  return *field.bytes;
}

std::string text_of(const WireField& field) { return std::string(bytes_of(field)); }

/// Calls `use` with each field of a message.
template <class Use>
void for_each_field(std::string_view message, Use&& use) {
  WireReader reader(message);
  while (const auto field = reader.next()) use(*field);
}

std::pair<std::string, std::string> pair_in(const WireField& message) {
  std::pair<std::string, std::string> pair;
  for_each_field(bytes_of(message), [&](const WireField& field) {
    if (field.number == onnx_fields::pair::key) pair.first = text_of(field);
    if (field.number == onnx_fields::pair::value) pair.second = text_of(field);
  });
  return pair;
}

OnnxOutline::Node node_in(const WireField& message) {
  namespace fields = onnx_fields::node;
  OnnxOutline::Node node;
  for_each_field(bytes_of(message), [&](const WireField& field) {
    if (field.number == fields::input) node.inputs.push_back(text_of(field));
    if (field.number == fields::output) node.outputs.push_back(text_of(field));
    if (field.number == fields::name) node.name = text_of(field);
    if (field.number == fields::operation) node.operation = text_of(field);
  });
  return node;
}

OnnxOutline::Port port_in(const WireField& message) {
  namespace fields = onnx_fields::port;
  OnnxOutline::Port port;
  const auto read_shape = [&](const WireField& field) {
    port.sides = 0;
    for_each_field(bytes_of(field), [&](const WireField& side) { *port.sides += side.number == fields::side; });
  };
  const auto read_tensor = [&](const WireField& type) {
    for_each_field(bytes_of(type), [&](const WireField& field) {
      if (field.number == fields::element_type) port.type = field.integer();
      if (field.number == fields::shape) read_shape(field);
    });
  };
  for_each_field(bytes_of(message), [&](const WireField& field) {
    if (field.number == fields::name) port.name = text_of(field);
    if (field.number != fields::type) return;
    for_each_field(bytes_of(field), [&](const WireField& type) {
      if (type.number == fields::tensor_type) read_tensor(type);
    });
  });
  return port;
}

int64_t number_in(const std::string& text) {
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 0) {
    fail("a place of weights is \"{}\", no number", shown(text));
  }
  return number;
}

OnnxOutline::Weight weight_in(const WireField& message) {
  namespace fields = onnx_fields::tensor;
  OnnxOutline::Weight weight;
  for_each_field(bytes_of(message), [&](const WireField& field) {
    if (field.number == fields::sides) {
      const auto sides = WireReader::integers(field);
      weight.sides.insert(weight.sides.end(), sides.begin(), sides.end());
    }
    if (field.number == fields::type) weight.type = field.integer();
    if (field.number == fields::name) weight.name = text_of(field);
    if (field.number == fields::raw_data) weight.bytes = static_cast<int64_t>(bytes_of(field).size());
    if (field.number != fields::external_data) return;
    const auto [key, value] = pair_in(field);
    if (key == "location") weight.file = value;
    if (key == "offset") weight.offset = number_in(value);
    if (key == "length") weight.bytes = number_in(value);
  });
  return weight;
}

void read_graph(OnnxOutline& outline, const WireField& message) {
  namespace fields = onnx_fields::graph;
  outline.has_graph = true;
  for_each_field(bytes_of(message), [&](const WireField& field) {
    if (field.number == fields::node) outline.nodes.push_back(node_in(field));
    if (field.number == fields::initializer) outline.weights.push_back(weight_in(field));
    if (field.number == fields::input) outline.inputs.push_back(port_in(field));
    if (field.number == fields::output) outline.outputs.push_back(port_in(field));
  });
}

void read_opset(OnnxOutline& outline, const WireField& message) {
  std::string domain;
  int64_t version = 0;
  for_each_field(bytes_of(message), [&](const WireField& field) {
    if (field.number == onnx_fields::opset::domain) domain = text_of(field);
    if (field.number == onnx_fields::opset::version) version = field.integer();
  });
  if (domain.empty() || domain == "ai.onnx") outline.opset = version;
}

/// Of one number; 0: of a type that Forger does not write.
int64_t bytes_of_type(int64_t type) {
  switch (static_cast<OnnxType>(type)) {
    case OnnxType::uint8:
    case OnnxType::boolean: return 1;
    case OnnxType::float16: return 2;
    case OnnxType::float32: return 4;
    case OnnxType::int64:
    case OnnxType::float64: return 8;
  }
  return 0;
}

/// Bytes that sides ask for; none: more than there can be.
std::optional<int64_t> bytes_asked(const OnnxOutline::Weight& weight) {
  if (std::ranges::find(weight.sides, 0) != weight.sides.end()) return 0;
  int64_t bytes = bytes_of_type(weight.type);
  for (const int64_t side : weight.sides) {
    if (side < 0 || bytes > std::numeric_limits<int64_t>::max() / side) return std::nullopt;
    bytes *= side;
  }
  return bytes;
}

std::optional<std::string> fault_of(const OnnxOutline::Weight& weight, const std::filesystem::path& folder) {
  const auto name = shown(weight.name);
  if (bytes_of_type(weight.type) == 0) return fmt::format("the weight {} has the type {}", name, weight.type);
  const auto asked = bytes_asked(weight);
  if (!asked || *asked != weight.bytes) {
    return fmt::format("the weight {} has {} bytes, its sides ask for {}", name, weight.bytes,
                       asked ? std::to_string(*asked) : "more than there can be");
  }
  if (weight.file.empty()) return std::nullopt;
  const std::filesystem::path file(weight.file);
  std::error_code missing;
  if (file != file.filename()) return fmt::format("the weight {} lies in {}, not beside", name, shown(weight.file));
  const auto there = std::filesystem::file_size(folder / file, missing);
  if (missing) return fmt::format("{}, which holds the weight {}, is not there", shown(weight.file), name);
  if (weight.offset > static_cast<int64_t>(there) || weight.bytes > static_cast<int64_t>(there) - weight.offset) {
    return fmt::format("{} ends before the weight {} does", shown(weight.file), name);
  }
  return std::nullopt;
}

/// Collects what is wrong, in the order of the file.
class Faults {
 public:
  template <class... Arguments>
  void add(fmt::format_string<Arguments...> text, Arguments&&... arguments) {
    all_.push_back(fmt::format(text, std::forward<Arguments>(arguments)...));
  }
  /// A value that is made here.
  void make(const std::string& value, const char* what) {
    if (value.empty()) return;
    if (!made_.insert(value).second) add("the {} {} has a name that another one has", what, shown(value));
  }
  bool is_made(const std::string& value) const { return made_.contains(value); }
  void check_port(const OnnxOutline::Port& port, const char* what) {
    if (port.name.empty()) return add("an {} has no name", what);
    if (port.type == 0) add("the {} {} has no type", what, shown(port.name));
    if (!port.sides) add("the {} {} has no sides", what, shown(port.name));
  }
  std::vector<std::string> all() { return std::move(all_); }

 private:
  std::vector<std::string> all_;
  std::set<std::string> made_;
};

}  // namespace

OnnxOutline parse_onnx(std::string_view bytes, const std::string& source) {
  namespace fields = onnx_fields::model;
  OnnxOutline outline;
  try {
    for_each_field(bytes, [&](const WireField& field) {
      if (field.number == fields::ir_version) outline.format = field.integer();
      if (field.number == fields::opset_import) read_opset(outline, field);
      if (field.number == fields::metadata_props) outline.metadata.insert(pair_in(field));
      if (field.number == fields::graph) read_graph(outline, field);
    });
  } catch (const Error& error) {
    fail("{}: no whole ONNX file: {}", source, error.what());
  }
  if (!outline.has_graph) fail("{}: no ONNX file: it holds no graph", source);
  return outline;
}

std::vector<std::string> faults_of(const OnnxOutline& outline, const std::filesystem::path& folder) {
  constexpr int64_t kOldestFormat = 3, kNewestFormat = 9;
  Faults faults;
  if (outline.format < kOldestFormat || outline.format > kNewestFormat) {
    faults.add("the format is {}, known are {} to {}", outline.format, kOldestFormat, kNewestFormat);
  }
  const int64_t opset = outline.opset.value_or(0);
  if (opset < kOldestOpset || opset > kNewestOpset) {
    faults.add("the opset is {}, known are {} to {}", opset, kOldestOpset, kNewestOpset);
  }
  if (outline.outputs.empty()) faults.add("nothing comes out");
  for (const auto& port : outline.inputs) {
    faults.check_port(port, "input");
    faults.make(port.name, "input");
  }
  for (const auto& weight : outline.weights) {
    if (const auto fault = fault_of(weight, folder)) faults.add("{}", *fault);
    faults.make(weight.name, "weight");
  }
  std::set<std::string> names;
  for (const auto& node : outline.nodes) {
    const auto name = shown(node.name.empty() ? node.operation : node.name);
    if (node.operation.empty()) faults.add("the node {} has no operation", name);
    if (!node.name.empty() && !names.insert(node.name).second) {
      faults.add("the node {} has a name that another one has", name);
    }
    for (const auto& input : node.inputs) {
      if (!input.empty() && !faults.is_made(input))
        faults.add("the node {} takes {}, not made before", name, shown(input));
    }
    for (const auto& output : node.outputs) faults.make(output, "value");
  }
  for (const auto& port : outline.outputs) {
    faults.check_port(port, "output");
    if (!faults.is_made(port.name)) faults.add("the output {} is made by no node", shown(port.name));
  }
  return faults.all();
}

}  // namespace forger
