#include "onnx/onnx_file.h"

#include <optional>
#include <string_view>
#include <type_traits>
#include <vector>

#include "build_constants.h"
#include "core/files.h"
#include "core/torch.h"
#include "onnx/onnx_fields.h"
#include "onnx/wire_message.h"

namespace forger {
namespace {

namespace model = onnx_fields::model;
namespace graph = onnx_fields::graph;
namespace node = onnx_fields::node;
namespace attribute = onnx_fields::attribute;
namespace tensor = onnx_fields::tensor;

/// Older readers know no younger format than their opset asks for.
int64_t format_version(int64_t opset) { return opset >= 19 ? 9 : 8; }

/// Where weights begin beside the file, so that they can be mapped into memory.
constexpr int64_t kAlignment = 4096;
/// Below that a tensor stays in the file: shapes and axes are read before anything else.
constexpr int64_t kLeastBeside = 1024;

WireMessage pair_of(const std::string& key, const std::string& value) {
  WireMessage made;
  made.bytes(onnx_fields::pair::key, key);
  made.bytes(onnx_fields::pair::value, value);
  return made;
}

WireMessage message_of(const char* name, const OnnxAttribute& value) {
  WireMessage made;
  made.bytes(attribute::name, name);
  if (const auto* real = std::get_if<double>(&value)) {
    made.real(attribute::real, static_cast<float>(*real));
    made.number(attribute::type, attribute::is_real);
  } else if (const auto* integer = std::get_if<int64_t>(&value)) {
    made.number(attribute::integer, *integer);
    made.number(attribute::type, attribute::is_integer);
  } else if (const auto* text = std::get_if<std::string>(&value)) {
    made.bytes(attribute::text, *text);
    made.number(attribute::type, attribute::is_text);
  } else {
    for (const int64_t each : std::get<std::vector<int64_t>>(value)) made.number(attribute::integers, each);
    made.number(attribute::type, attribute::is_integers);
  }
  return made;
}

WireMessage message_of(const OnnxNode& from) {
  WireMessage made;
  for (const auto& input : from.inputs) made.bytes(node::input, input);
  for (const auto& output : from.outputs) made.bytes(node::output, output);
  made.bytes(node::name, from.name);
  made.bytes(node::operation, from.operation);
  for (const auto& [name, value] : from.attributes) made.message(node::attribute, message_of(name, value));
  return made;
}

WireMessage message_of(const OnnxPort& port) {
  namespace fields = onnx_fields::port;
  WireMessage shape, tensor_type, type, made;
  for (const auto& side : port.sides) {
    WireMessage length;
    if (const auto* number = std::get_if<int64_t>(&side)) length.number(fields::length, *number);
    if (const auto* label = std::get_if<std::string>(&side)) length.bytes(fields::label, *label);
    shape.message(fields::side, length);
  }
  tensor_type.number(fields::element_type, static_cast<int64_t>(port.type));
  tensor_type.message(fields::shape, shape);
  type.message(fields::tensor_type, tensor_type);
  made.bytes(fields::name, port.name);
  made.message(fields::type, type);
  return made;
}

/// A weight on its way into a file.
struct Weight {
  at::Tensor tensor;
  /// What stands before its bytes, or, where these stand beside the file, all of it.
  WireMessage message;
  /// Of the numbers in the file beside; none: they stand behind the message.
  std::optional<int64_t> place = {};

  int64_t bytes_inside() const { return message.size() + (place ? 0 : static_cast<int64_t>(tensor.nbytes())); }
};

Weight weight_of(const std::string& name, const at::Tensor& numbers, std::optional<int64_t> place,
                 const std::string& beside) {
  Weight weight{.tensor = numbers, .message = {}, .place = place};
  for (const int64_t side : numbers.sizes()) weight.message.number(tensor::sides, side);
  weight.message.number(tensor::type, static_cast<int64_t>(onnx_type_of(numbers)));
  weight.message.bytes(tensor::name, name);
  if (!place) {
    weight.message.begin(tensor::raw_data, static_cast<int64_t>(numbers.nbytes()));
    return weight;
  }
  const std::pair<const char*, std::string> where[] = {
      {"location", beside}, {"offset", std::to_string(*place)}, {"length", std::to_string(numbers.nbytes())}};
  for (const auto& [key, value] : where) weight.message.message(tensor::external_data, pair_of(key, value));
  weight.message.number(tensor::data_location, tensor::kBeside);
  return weight;
}

std::vector<Weight> weights_of(const OnnxGraph& graph, int64_t most_inside, const std::string& beside) {
  int64_t bytes = 0, place = 0;
  for (const auto& [name, tensor] : graph.constants()) bytes += static_cast<int64_t>(tensor.nbytes());
  std::vector<Weight> weights;
  for (const auto& [name, tensor] : graph.constants()) {
    const bool stays = bytes <= most_inside || static_cast<int64_t>(tensor.nbytes()) < kLeastBeside;
    weights.push_back(weight_of(name, tensor, stays ? std::nullopt : std::optional(place), beside));
    if (stays) continue;
    place += (static_cast<int64_t>(tensor.nbytes()) + kAlignment - 1) / kAlignment * kAlignment;
  }
  return weights;
}

/// Numbers as both ONNX and the machines that Forger runs on lay them: the lowest byte first.
void write_numbers(FileWriter& file, const at::Tensor& tensor) {
  const auto numbers = tensor.cpu().contiguous();
  file.write({static_cast<const char*>(numbers.const_data_ptr()), numbers.nbytes()});
}

WireMessage structure_of(const OnnxGraph& from, const std::string& name) {
  WireMessage made;
  for (const auto& each : from.nodes()) made.message(graph::node, message_of(each));
  made.bytes(graph::name, name);
  for (const auto& port : from.inputs()) made.message(graph::input, message_of(port));
  for (const auto& port : from.outputs()) made.message(graph::output, message_of(port));
  return made;
}

int64_t write_beside(FileWriter& file, const std::vector<Weight>& weights) {
  int64_t written = 0;
  for (const auto& weight : weights) {
    if (!weight.place) continue;
    file.write(std::string(static_cast<size_t>(*weight.place - written), '\0'));
    write_numbers(file, weight.tensor);
    written = *weight.place + static_cast<int64_t>(weight.tensor.nbytes());
  }
  return written;
}

}  // namespace

OnnxFileSizes write_onnx(const std::filesystem::path& path, const OnnxGraph& graph, const std::string& name,
                         const std::map<std::string, std::string>& metadata, int64_t most_inside) {
  auto beside = path;
  beside += ".data";
  const auto weights = weights_of(graph, most_inside, beside.filename().string());
  const auto structure = structure_of(graph, name);

  WireMessage opset, head;
  opset.bytes(onnx_fields::opset::domain, "");  // ONNX's own operators
  opset.number(onnx_fields::opset::version, graph.opset());
  head.number(model::ir_version, format_version(graph.opset()));
  head.bytes(model::producer_name, "forger");
  head.bytes(model::producer_version, FORGER_VERSION);
  head.message(model::opset_import, opset);
  for (const auto& [key, value] : metadata) head.message(model::metadata_props, pair_of(key, value));

  int64_t graph_bytes = structure.size();
  std::vector<WireMessage> begins(weights.size());
  bool has_beside = false;
  for (size_t i = 0; i < weights.size(); ++i) {
    begins[i].begin(graph::initializer, weights[i].bytes_inside());
    graph_bytes += begins[i].size() + weights[i].bytes_inside();
    has_beside = has_beside || weights[i].place.has_value();
  }
  head.begin(model::graph, graph_bytes);

  OnnxFileSizes sizes{.file_bytes = head.size() + graph_bytes, .beside_bytes = 0};
  NewFile made(path);
  std::optional<NewFile> made_beside;
  {
    FileWriter file(made.temporary(), path);
    file.write(head.bytes());
    file.write(structure.bytes());
    for (size_t i = 0; i < weights.size(); ++i) {
      file.write(begins[i].bytes());
      file.write(weights[i].message.bytes());
      if (!weights[i].place) write_numbers(file, weights[i].tensor);
    }
    file.close();
  }
  if (has_beside) {
    made_beside.emplace(beside);
    FileWriter file(made_beside->temporary(), beside);
    sizes.beside_bytes = write_beside(file, weights);
    file.close();
  }
  if (made_beside) made_beside->commit();
  made.commit();
  return sizes;
}

}  // namespace forger
