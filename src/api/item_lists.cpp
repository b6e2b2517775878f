#include "api/item_lists.h"

#include <cstring>
#include <utility>

#include "core/torch.h"

namespace forger {
namespace {

/// A tensor as a report: its type, its sizes and its bytes.
nlohmann::json report_of(const at::Tensor& tensor) {
  const auto* bytes = static_cast<const uint8_t*>(tensor.const_data_ptr());
  return {{"type", static_cast<int>(tensor.scalar_type())},
          {"sizes", tensor.sizes().vec()},
          {"bytes", nlohmann::json::binary(std::vector<uint8_t>(bytes, bytes + tensor.nbytes()))}};
}

at::Tensor tensor_in(const nlohmann::json& report) {
  const auto type = static_cast<at::ScalarType>(report["type"].get<int>());
  auto tensor = at::empty(report["sizes"].get<std::vector<int64_t>>(), at::TensorOptions(type));
  const auto& bytes = report["bytes"].get_binary();
  if (!bytes.empty()) std::memcpy(tensor.mutable_data_ptr(), bytes.data(), bytes.size());
  return tensor;
}

template <class Value>
const std::vector<Value>& list_of(const std::map<std::string, std::vector<Value>>& lists, const std::string& list) {
  static const std::vector<Value> none;
  const auto found = lists.find(list);
  return found == lists.end() ? none : found->second;
}

}  // namespace

ItemLists::ItemLists(std::shared_ptr<Team> team)
    : items_(std::move(team), [this](int64_t, const nlohmann::json& report) { take(report); }) {}

void ItemLists::add(int64_t item, const std::string& list, double number) {
  items_.report(item, {{"list", list}, {"number", number}});
}

void ItemLists::add(int64_t item, const std::string& list, const at::Tensor& tensor) {
  if (items_.is_shared()) {
    items_.report(item, {{"list", list}, {"tensor", report_of(tensor)}});
  } else {
    tensors_[list].push_back(tensor);
  }
}

void ItemLists::add(int64_t item, const std::string& list, const std::string& text) {
  items_.report(item, {{"list", list}, {"text", text}});
}

bool ItemLists::hear_all() {
  items_.finish();
  return items_.leads();
}

const std::vector<double>& ItemLists::numbers(const std::string& list) const { return list_of(numbers_, list); }
const std::vector<at::Tensor>& ItemLists::tensors(const std::string& list) const { return list_of(tensors_, list); }
const std::vector<std::string>& ItemLists::texts(const std::string& list) const { return list_of(texts_, list); }

void ItemLists::take(const nlohmann::json& report) {
  const std::string list = report["list"];
  if (report.contains("number")) {
    numbers_[list].push_back(report["number"].get<double>());
  } else if (report.contains("tensor")) {
    tensors_[list].push_back(tensor_in(report["tensor"]));
  } else {
    texts_[list].push_back(report["text"].get<std::string>());
  }
}

}  // namespace forger
