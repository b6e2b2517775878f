#include "onnx/script_node.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "core/fail.h"
#include "core/torch.h"
#include "onnx/script_code.h"

namespace forger {
namespace {

using Integers = std::vector<int64_t>;

/// A number that TorchScript reads as one of floats.
std::string real_text(double value) {
  auto text = fmt::format("{}", value);
  if (text.find_first_of(".e") == std::string::npos) text += ".";
  return text;
}

std::string list_text(const Integers& numbers) { return fmt::format("[{}]", fmt::join(numbers, ", ")); }

const char* truth_text(bool value) { return value ? "True" : "False"; }

/// An element's type as TorchScript's `dtype` counts them.
int dtype_of(int64_t onnx_type) {
  for (const auto type : {at::kFloat, at::kHalf, at::kDouble, at::kByte, at::kLong, at::kBool}) {
    if (static_cast<int64_t>(onnx_type_of(at::empty({0}, type))) == onnx_type) return static_cast<int>(type);
  }
  fail("TorchScript: received numbers of ONNX's type {}, which are not written", onnx_type);
}

/// A node while it is put into words.
class Words {
 public:
  Words(const OnnxNode& node, const ScriptValues& values) : node_(node), values_(values) {}

  bool has(size_t input) const { return input < node_.inputs.size() && !node_.inputs[input].empty(); }
  std::string in(size_t input) const { return has(input) ? values_.text(node_.inputs[input]) : "None"; }
  bool is_integer(size_t input) const { return values_.is_integer(node_.inputs[input]); }
  std::string all() const {
    std::vector<std::string> texts;
    for (size_t i = 0; i < node_.inputs.size(); ++i) texts.push_back(in(i));
    return fmt::format("{}", fmt::join(texts, ", "));
  }
  /// `function(function(a, b), c)`.
  std::string folded(const char* function) const {
    std::string text = in(0);
    for (size_t i = 1; i < node_.inputs.size(); ++i) text = fmt::format("{}({}, {})", function, text, in(i));
    return text;
  }
  /// Of an input that does not change.
  std::optional<Integers> constant(size_t input) const { return values_.integers(node_.inputs[input]); }
  Integers known(size_t input) const {
    if (auto numbers = constant(input)) return *numbers;
    fail("TorchScript: {} of numbers that are computed is not written", node_.name);
  }

  template <class T>
  T attribute(const char* name) const {
    for (const auto& [key, value] : node_.attributes) {
      if (std::string(key) == name) return std::get<T>(value);
    }
    fail("TorchScript: {} without {} is not written", node_.name, name);
  }
  int64_t integer(const char* name, int64_t otherwise) const {
    for (const auto& [key, value] : node_.attributes) {
      if (std::string(key) == name) return std::get<int64_t>(value);
    }
    return otherwise;
  }
  [[noreturn]] void refuse(const char* what) const { fail("TorchScript: {} of {} is not written", what, node_.name); }

 private:
  const OnnxNode& node_;
  const ScriptValues& values_;
};

std::string cast(const Words& node) {
  const int dtype = dtype_of(node.attribute<int64_t>("to"));
  // Integers are lengths, which stay with the processor.
  return node.is_integer(0) ? fmt::format("{}.to(device, {})", node.in(0), dtype)
                            : fmt::format("{}.to(dtype={})", node.in(0), dtype);
}

std::string convolution(const Words& node, bool transposed) {
  const auto strides = list_text(node.attribute<Integers>("strides"));
  auto pads = node.attribute<Integers>("pads");
  if (pads[0] != pads[2] || pads[1] != pads[3]) node.refuse("unequal padding");
  pads.resize(2);
  const auto padding = list_text(pads);
  const int64_t groups = node.integer("group", 1);
  const auto given = fmt::format("{}, {}, {}", node.in(0), node.in(1), node.in(2));
  return transposed
             ? fmt::format("torch.conv_transpose2d({}, {}, {}, [0, 0], {}, [1, 1])", given, strides, padding, groups)
             : fmt::format("torch.conv2d({}, {}, {}, [1, 1], {})", given, strides, padding, groups);
}

/// Rows and columns that are left at the end are pooled by themselves.
std::string average_pool(const Words& node) {
  const auto pads = node.attribute<Integers>("pads");
  if (pads[0] != 0 || pads[1] != 0 || node.integer("count_include_pad", 0) != 0) node.refuse("padding");
  return fmt::format("torch.avg_pool2d({}, {}, {}, [0, 0], True, False)", node.in(0),
                     list_text(node.attribute<Integers>("kernel_shape")),
                     list_text(node.attribute<Integers>("strides")));
}

std::string pad(const Words& node) {
  const auto mode = node.attribute<std::string>("mode");
  const auto pads = node.constant(1);
  if (!pads) {
    if (mode != "constant" || node.has(2)) node.refuse("computed padding");
    return fmt::format("self.padded({}, {})", node.in(0), node.in(1));
  }
  // The last side first, and none before those that are padded.
  const size_t sides = pads->size() / 2;
  Integers turned;
  for (size_t i = sides; i-- > 0;) turned.insert(turned.end(), {(*pads)[i], (*pads)[sides + i]});
  while (turned.size() > 2 && turned.back() == 0 && turned[turned.size() - 2] == 0) turned.resize(turned.size() - 2);
  const auto value = node.has(2) ? fmt::format(", float({})", node.in(2)) : std::string();
  return fmt::format("torch.pad({}, {}, \"{}\"{})", node.in(0), list_text(turned), mode == "edge" ? "replicate" : mode,
                     value);
}

std::string resize(const Words& node) {
  const auto mode = node.attribute<std::string>("mode");
  const char* align = mode == "nearest" ? "" : ", False";
  const char* function = mode == "nearest" ? "nearest" : mode == "linear" ? "bilinear" : "bicubic";
  if (node.has(3)) {
    return fmt::format("torch.upsample_{}2d({}, [int({}[2]), int({}[3])]{})", function, node.in(0), node.in(3),
                       node.in(3), align);
  }
  return fmt::format("torch.upsample_{}2d({}, None{}, [float({}[2]), float({}[3])])", function, node.in(0), align,
                     node.in(2), node.in(2));
}

std::string slice(const Words& node) {
  const auto begins = node.known(1), axes = node.known(3);
  const auto ends = node.constant(2);
  const auto steps = node.has(4) ? node.known(4) : Integers(axes.size(), 1);
  auto text = node.in(0);
  for (size_t i = 0; i < axes.size(); ++i) {
    if (steps[i] == -1 && begins[i] == -1 && ends) {
      text = fmt::format("torch.flip({}, [{}])", text, axes[i]);
      continue;
    }
    const auto end = ends ? std::to_string((*ends)[i]) : fmt::format("int({}[{}])", node.in(2), i);
    text = fmt::format("torch.slice({}, {}, {}, {}, {})", text, axes[i], begins[i], end, steps[i]);
  }
  return text;
}

std::string reshape(const Words& node) {
  const auto sizes = node.constant(1);
  if (!sizes) return fmt::format("self.reshaped({}, {})", node.in(0), node.in(1));
  std::vector<std::string> sides;
  for (size_t i = 0; i < sizes->size(); ++i) {
    sides.push_back((*sizes)[i] == 0 ? fmt::format("{}.size({})", node.in(0), i) : std::to_string((*sizes)[i]));
  }
  return fmt::format("{}.reshape([{}])", node.in(0), fmt::join(sides, ", "));
}

std::string with_each_axis(const Words& node, const char* method, bool last_first) {
  auto axes = node.known(1);
  std::ranges::sort(axes);
  if (last_first) std::ranges::reverse(axes);
  auto text = node.in(0);
  for (const int64_t axis : axes) text += fmt::format(".{}({})", method, axis);
  return text;
}

/// `order`: of the norm, for functions that take one.
std::string reduce(const Words& node, const char* function, const char* order = "") {
  return fmt::format("torch.{}({}, {}{}, {})", function, node.in(0), order, list_text(node.known(1)),
                     truth_text(node.integer("keepdims", 1) != 0));
}

std::string top(const Words& node) {
  return fmt::format("torch.topk({}, {}, {}, {}, {})", node.in(0), node.known(1)[0], node.attribute<int64_t>("axis"),
                     truth_text(node.integer("largest", 1) != 0), truth_text(node.integer("sorted", 1) != 0));
}

std::string grid_sample(const Words& node) {
  const auto mode = node.attribute<std::string>("mode"), padding = node.attribute<std::string>("padding_mode");
  if ((mode != "linear" && mode != "bilinear") || padding != "border") node.refuse("another mode");
  constexpr int kBilinear = 0, kBorder = 1;
  return fmt::format("torch.grid_sampler({}, {}, {}, {}, {})", node.in(0), node.in(1), kBilinear, kBorder,
                     truth_text(node.integer("align_corners", 0) != 0));
}

/// Operations that are functions of the same inputs.
const std::map<std::string, const char*>& functions() {
  static const std::map<std::string, const char*> all = {
      {"Clip", "clamp"},      {"Equal", "eq"},          {"Erf", "erf"},   {"Exp", "exp"},   {"Gelu", "gelu"},
      {"Greater", "gt"},      {"IsNaN", "isnan"},       {"Less", "lt"},   {"Log", "log"},   {"MatMul", "matmul"},
      {"Mish", "mish"},       {"Mod", "remainder"},     {"Neg", "neg"},   {"Relu", "relu"}, {"Round", "round"},
      {"Sigmoid", "sigmoid"}, {"Softplus", "softplus"}, {"Sqrt", "sqrt"}, {"Tanh", "tanh"}, {"Where", "where"},
  };
  return all;
}

using Phrase = std::string (*)(const Words&);

/// All others.
const std::map<std::string, Phrase>& phrases() {
  static const std::map<std::string, Phrase> all = {
      {"Add", [](const Words& node) { return fmt::format("{} + {}", node.in(0), node.in(1)); }},
      {"AveragePool", average_pool},
      {"BatchNormalization",
       [](const Words& node) {
         return fmt::format("torch.batch_norm({}, False, 0., {}, False)", node.all(),
                            real_text(node.attribute<double>("epsilon")));
       }},
      {"Cast", cast},
      {"Concat",
       [](const Words& node) {
         return fmt::format("torch.cat([{}], {})", node.all(), node.attribute<int64_t>("axis"));
       }},
      {"Conv", [](const Words& node) { return convolution(node, false); }},
      {"ConvTranspose", [](const Words& node) { return convolution(node, true); }},
      {"DepthToSpace",
       [](const Words& node) {
         return fmt::format("torch.pixel_shuffle({}, {})", node.in(0), node.attribute<int64_t>("blocksize"));
       }},
      {"Div",
       [](const Words& node) {
         if (!node.is_integer(0)) return fmt::format("{} / {}", node.in(0), node.in(1));
         return fmt::format("torch.div({}, {}, rounding_mode=\"trunc\")", node.in(0), node.in(1));
       }},
      {"Expand", [](const Words& node) { return fmt::format("self.expanded({}, {})", node.in(0), node.in(1)); }},
      {"Flatten",
       [](const Words& node) {
         if (node.attribute<int64_t>("axis") != 1) node.refuse("another axis");
         return fmt::format("torch.flatten({}, 1)", node.in(0));
       }},
      {"Gather",
       [](const Words& node) {
         return fmt::format("self.gathered({}, {}, {})", node.in(0), node.attribute<int64_t>("axis"), node.in(1));
       }},
      {"Gemm",
       [](const Words& node) { return fmt::format("torch.linear({}, {}, {})", node.in(0), node.in(1), node.in(2)); }},
      {"GridSample", grid_sample},
      {"Identity", [](const Words& node) { return node.in(0); }},
      {"InstanceNormalization",
       [](const Words& node) {
         return fmt::format("torch.group_norm({}, {}.size(1), {}, {}, {})", node.in(0), node.in(0), node.in(1),
                            node.in(2), real_text(node.attribute<double>("epsilon")));
       }},
      {"LayerNormalization",
       [](const Words& node) {
         if (node.attribute<int64_t>("axis") != -1) node.refuse("another axis");
         return fmt::format("torch.layer_norm({}, {}.size(), {}, {}, {})", node.in(0), node.in(1), node.in(1),
                            node.in(2), real_text(node.attribute<double>("epsilon")));
       }},
      {"LeakyRelu",
       [](const Words& node) {
         return fmt::format("torch.leaky_relu({}, {})", node.in(0), real_text(node.attribute<double>("alpha")));
       }},
      {"LogSoftmax",
       [](const Words& node) {
         return fmt::format("torch.log_softmax({}, {})", node.in(0), node.attribute<int64_t>("axis"));
       }},
      {"Max", [](const Words& node) { return node.folded("torch.maximum"); }},
      {"Min", [](const Words& node) { return node.folded("torch.minimum"); }},
      {"Mul", [](const Words& node) { return fmt::format("{} * {}", node.in(0), node.in(1)); }},
      {"PRelu",
       [](const Words& node) { return fmt::format("torch.prelu({}, torch.flatten({}))", node.in(0), node.in(1)); }},
      {"Pad", pad},
      {"Range",
       [](const Words& node) {
         return fmt::format("torch.arange(int({}), int({}), int({}))", node.in(0), node.in(1), node.in(2));
       }},
      {"ReduceL2", [](const Words& node) { return reduce(node, "linalg_vector_norm", "2, "); }},
      {"ReduceMax", [](const Words& node) { return reduce(node, "amax"); }},
      {"ReduceMean", [](const Words& node) { return reduce(node, "mean"); }},
      {"ReduceSum", [](const Words& node) { return reduce(node, "sum"); }},
      {"Reshape", reshape},
      {"Resize", resize},
      {"Shape", [](const Words& node) { return fmt::format("torch._shape_as_tensor({})", node.in(0)); }},
      {"Slice", slice},
      {"Softmax",
       [](const Words& node) {
         return fmt::format("torch.softmax({}, {})", node.in(0), node.attribute<int64_t>("axis"));
       }},
      {"SpaceToDepth",
       [](const Words& node) {
         return fmt::format("self.by_pixel({}, {})", node.in(0), node.attribute<int64_t>("blocksize"));
       }},
      {"Squeeze", [](const Words& node) { return with_each_axis(node, "squeeze", true); }},
      {"Sub", [](const Words& node) { return fmt::format("{} - {}", node.in(0), node.in(1)); }},
      {"TopK", top},
      {"Transpose",
       [](const Words& node) {
         return fmt::format("{}.permute({})", node.in(0), list_text(node.attribute<Integers>("perm")));
       }},
      {"Unsqueeze", [](const Words& node) { return with_each_axis(node, "unsqueeze", false); }},
  };
  return all;
}

}  // namespace

std::string ScriptValues::name(const std::string& value, bool is_integer) {
  auto variable = fmt::format("v{}", known_.size());
  known_[value] = {variable, is_integer};
  return variable;
}

std::string ScriptValues::text(const std::string& value) const {
  if (const auto found = known_.find(value); found != known_.end()) return found->second.text;
  if (const auto numbers = integers(value)) return fmt::format("torch.tensor({})", list_text(*numbers));
  if (!graph_.constants().contains(value)) fail("TorchScript: the value {} is made by no node", value);
  std::string path = "self";
  for (size_t begin = 0; begin <= value.size();) {
    const auto end = std::min(value.find('.', begin), value.size());
    path = fmt::format("getattr({}, \"{}\")", path, value.substr(begin, end - begin));
    begin = end + 1;
  }
  return path;
}

bool ScriptValues::is_integer(const std::string& value) const {
  if (const auto found = known_.find(value); found != known_.end()) return found->second.is_integer;
  const auto constant = graph_.constants().find(value);
  return constant != graph_.constants().end() && constant->second.scalar_type() == at::kLong;
}

std::optional<std::vector<int64_t>> ScriptValues::integers(const std::string& value) const {
  const auto found = graph_.constants().find(value);
  if (found == graph_.constants().end() || !stands_in_code(found->second)) return std::nullopt;
  const auto numbers = found->second.cpu().contiguous();
  const auto* first = numbers.const_data_ptr<int64_t>();
  return Integers(first, first + numbers.numel());
}

std::string script_expression(const OnnxNode& node, const ScriptValues& values) {
  const Words words(node, values);
  if (const auto found = functions().find(node.operation); found != functions().end()) {
    return fmt::format("torch.{}({})", found->second, words.all());
  }
  if (const auto found = phrases().find(node.operation); found != phrases().end()) return found->second(words);
  fail("TorchScript: the operation {} is not written", node.operation);
}

bool gives_integers(const OnnxNode& node, size_t output, const ScriptValues& values) {
  static const std::set<std::string> keepers = {"Add",   "Concat",  "Div", "Expand",    "Gather",
                                                "Max",   "Min",     "Mod", "Mul",       "Reshape",
                                                "Slice", "Squeeze", "Sub", "Unsqueeze", "Identity"};
  if (node.operation == "Shape" || node.operation == "Range") return true;
  if (node.operation == "TopK") return output == 1;
  if (node.operation == "Cast")
    return std::get<int64_t>(node.attributes[0].second) == static_cast<int64_t>(OnnxType::int64);
  return keepers.contains(node.operation) && values.is_integer(node.inputs[0]);
}

}  // namespace forger
