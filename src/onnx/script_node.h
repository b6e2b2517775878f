#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "onnx/graph.h"

namespace forger {

/// What a graph's values are called in its TorchScript code.
class ScriptValues {
 public:
  explicit ScriptValues(const OnnxGraph& graph) : graph_(graph) {}

  /// A new variable for a value.
  std::string name(const std::string& value, bool is_integer);
  /// An expression for a value that is known: a variable, or a constant.
  std::string text(const std::string& value) const;
  bool is_integer(const std::string& value) const;
  /// Of a constant of few integers; else none.
  std::optional<std::vector<int64_t>> integers(const std::string& value) const;

 private:
  struct Known {
    std::string text;
    bool is_integer;
  };
  const OnnxGraph& graph_;
  std::map<std::string, Known> known_;
};

/// What a node computes. Throws Error on an operation that is not known.
std::string script_expression(const OnnxNode& node, const ScriptValues& values);

/// Whether an output of a node is int64, as its inputs are known.
bool gives_integers(const OnnxNode& node, size_t output, const ScriptValues& values);

}  // namespace forger
