#include "model/pickled_names.h"

namespace forger {
namespace {

constexpr std::pair<const char*, at::ScalarType> kStorages[] = {
    {"FloatStorage", at::kFloat},   {"HalfStorage", at::kHalf}, {"BFloat16Storage", at::kBFloat16},
    {"DoubleStorage", at::kDouble}, {"LongStorage", at::kLong}, {"IntStorage", at::kInt},
    {"ShortStorage", at::kShort},   {"CharStorage", at::kChar}, {"ByteStorage", at::kByte},
    {"BoolStorage", at::kBool},
};

}  // namespace

std::optional<at::ScalarType> storage_dtype(const PickledName& name) {
  if (name.module != "torch") return std::nullopt;
  for (const auto& [known, dtype] : kStorages) {
    if (name.name == known) return dtype;
  }
  return std::nullopt;
}

bool is_name(const PickledName& name, std::string_view module, std::string_view known) {
  return name.module == module && name.name == known;
}

bool makes_dictionary(const PickledName& name) {
  return (name.module == "collections" || name.module == "typing") && name.name == "OrderedDict";
}

bool is_understood(const PickledName& name) {
  return makes_dictionary(name) || storage_dtype(name) || is_name(name, "torch", "Size") ||
         is_name(name, "torch._utils", "_rebuild_tensor") || is_name(name, "torch._utils", "_rebuild_tensor_v2") ||
         is_name(name, "torch._utils", "_rebuild_parameter");
}

}  // namespace forger
