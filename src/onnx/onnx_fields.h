#pragma once

/// The fields' numbers in onnx.proto3, by message.
namespace forger::onnx_fields {

namespace model {
enum : int { ir_version = 1, producer_name, producer_version, graph = 7, opset_import, metadata_props = 14 };
}
namespace opset {
enum : int { domain = 1, version };
}
namespace pair {
enum : int { key = 1, value };
}
namespace graph {
enum : int { node = 1, name, initializer = 5, input = 11, output };
}
namespace node {
enum : int { input = 1, output, name, operation, attribute };
}
namespace attribute {
enum : int { name = 1, real, integer, text, integers = 8, type = 20 };
enum Type : int { is_real = 1, is_integer, is_text, is_integers = 7 };
}  // namespace attribute
namespace tensor {
enum : int { sides = 1, type, name = 8, raw_data, external_data = 13, data_location };
/// The location of numbers that stand in another file.
inline constexpr int kBeside = 1;
}  // namespace tensor
/// Of ValueInfoProto, and of the messages inside it.
namespace port {
enum : int { name = 1, type };
enum : int { tensor_type = 1, element_type = 1, shape = 2, side = 1, length = 1, label = 2 };
}  // namespace port

}  // namespace forger::onnx_fields
