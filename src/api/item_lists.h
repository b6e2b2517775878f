#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/shared_items.h"

namespace forger {

/// Named lists of what is found at items. Where processes share the items, the lists of rank 0 hold what all have found
/// in the end, in the order of the items.
class ItemLists {
 public:
  /// `team`: null where this process looks at all items.
  explicit ItemLists(std::shared_ptr<Team> team);

  bool is_mine(int64_t item) const { return items_.is_mine(item); }
  /// As SharedItems::goes_on.
  bool goes_on() { return items_.goes_on(); }

  /// At an item of one's own. Tensors are contiguous, on the CPU.
  void add(int64_t item, const std::string& list, double number);
  void add(int64_t item, const std::string& list, const at::Tensor& tensor);
  void add(int64_t item, const std::string& list, const std::string& text);

  /// After the last item. Whether this process has the lists of all now; else they are not to be looked at. Throws
  /// TeamError when another process is gone.
  bool hear_all();
  /// Of everyone's numbers.
  int64_t sum(int64_t mine) const { return items_.sum(mine); }

  const std::vector<double>& numbers(const std::string& list) const;
  const std::vector<at::Tensor>& tensors(const std::string& list) const;
  const std::vector<std::string>& texts(const std::string& list) const;

 private:
  void take(const nlohmann::json& report);

  SharedItems items_;
  std::map<std::string, std::vector<double>> numbers_;
  std::map<std::string, std::vector<at::Tensor>> tensors_;
  std::map<std::string, std::vector<std::string>> texts_;
};

}  // namespace forger
