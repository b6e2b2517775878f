#include "onnx/script_code.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "core/fail.h"
#include "core/torch.h"
#include "onnx/script_node.h"

namespace forger {
namespace {

/// Methods that nodes call, by their names.
const std::map<std::string, const char*>& helpers() {
  static const std::map<std::string, const char*> all = {
      {"gathered", R"(
def gathered(self, x: Tensor, axis: int, numbers: Tensor) -> Tensor:
  sizes = x.size()
  picked = torch.index_select(x, axis, torch.flatten(numbers).to(x.device))
  return picked.reshape(sizes[:axis] + numbers.size() + sizes[axis + 1:])
)"},
      {"reshaped", R"(
def reshaped(self, x: Tensor, sizes: Tensor) -> Tensor:
  asked: List[int] = sizes.tolist()
  for i in range(len(asked)):
    if asked[i] == 0:
      asked[i] = x.size(i)
  return x.reshape(asked)
)"},
      {"expanded", R"(
def expanded(self, x: Tensor, sizes: Tensor) -> Tensor:
  asked: List[int] = sizes.tolist()
  first = len(asked) - x.dim()
  for i in range(x.dim()):
    if asked[first + i] == 1:
      asked[first + i] = x.size(i)
  return x.expand(asked)
)"},
      {"padded", R"(
def padded(self, x: Tensor, pads: Tensor) -> Tensor:
  asked: List[int] = pads.tolist()
  sides = len(asked) // 2
  turned: List[int] = []
  for i in range(sides):
    turned.append(asked[sides - 1 - i])
    turned.append(asked[2 * sides - 1 - i])
  return torch.pad(x, turned)
)"},
      {"by_pixel", R"(
def by_pixel(self, x: Tensor, side: int) -> Tensor:
  count, channels, height, width = x.size(0), x.size(1), x.size(2) // side, x.size(3) // side
  blocks = x.reshape([count, channels, height, side, width, side]).permute([0, 3, 5, 1, 2, 4])
  return blocks.reshape([count, side * side * channels, height, width])
)"},
  };
  return all;
}

std::string signature(const OnnxGraph& graph) {
  std::string text = "def forward(self";
  for (const auto& port : graph.inputs()) {
    text += fmt::format(", {}: {}", script_name(port.name), port.sides.empty() ? "float = 0." : "Tensor");
  }
  std::vector<std::string> results(graph.outputs().size(), "Tensor");
  const auto types = fmt::format("{}", fmt::join(results, ", "));
  return fmt::format("{}) -> {}:\n", text, results.size() == 1 ? types : "Tuple[" + types + "]");
}

}  // namespace

bool stands_in_code(const at::Tensor& constant) {
  return constant.scalar_type() == at::kLong && constant.dim() == 1 && constant.numel() <= kMostIntegersInCode;
}

std::string script_name(const std::string& input) { return input == "class" ? "labels" : input; }

std::string script_code(const OnnxGraph& graph) {
  ScriptValues values(graph);
  std::string body = signature(graph);
  body += fmt::format("  device = {}.device\n", script_name(graph.inputs().front().name));
  for (const auto& port : graph.inputs()) {
    const auto called = script_name(port.name);
    const auto made = values.name(port.name, port.type == OnnxType::int64);
    const auto number = fmt::format("torch.tensor({}, dtype=6, device=device)", called);
    body += fmt::format("  {} = {}\n", made, port.sides.empty() ? number : called);
  }
  for (const auto& node : graph.nodes()) {
    const auto expression = script_expression(node, values);
    std::vector<std::string> made;
    for (size_t i = 0; i < node.outputs.size(); ++i) {
      made.push_back(values.name(node.outputs[i], gives_integers(node, i, values)));
    }
    body += fmt::format("  {} = {}\n", fmt::join(made, ", "), expression);
  }
  std::vector<std::string> results;
  for (const auto& port : graph.outputs()) results.push_back(values.text(port.name) + ".contiguous()");
  body += fmt::format("  return {}\n", fmt::join(results, ", "));

  std::string code;
  for (const auto& [name, method] : helpers()) {
    if (body.find("self." + name + "(") != std::string::npos) code += method;
  }
  return code + body;
}

}  // namespace forger
