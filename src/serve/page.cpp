#include "serve/page.h"

#include "core/embedded.h"

namespace forger {
namespace {

constexpr Embedded kFiles[] = {
#include "embedded_web.inc"
};

}  // namespace

std::string page_file(const std::string& name) {
  for (const auto& file : kFiles) {
    if (file.name == name) return std::string(file.text);
  }
  return {};
}

}  // namespace forger
