#include "model/model_part.h"

#include <utility>

#include "config/architecture.h"
#include "core/fail.h"
#include "core/text.h"

namespace forger {
namespace {

constexpr std::pair<const char*, const char*> kSections[] = {
    {"latent-generator", "generator"},
    {"encoder", "encoder"},
    {"discriminator", "discriminator"},
    {"pixel-discriminator", "pixel_discriminator"},
    {"upscaler", "upscaler"},
    {"translator", "translator"},
    {"detector", ""},
};

}  // namespace

std::string section_of(const std::string& kind) {
  std::vector<std::string> known;
  for (const auto& [name, section] : kSections) {
    if (kind == name) return section;
    known.emplace_back(name);
  }
  fail("kind: received \"{}\", accepted: {}", kind, join(known));
}

Config config_of(const ModelPart& part) {
  Config config;
  auto options = part.options;
  if (part.kind == "encoder") {
    const auto codes = options.find("codes");
    if (codes == options.end() || (*codes != "kl" && *codes != "adversarial")) {
      fail("{}.codes: received {}, accepted: kl, adversarial", part.role,
           codes == options.end() ? "nothing" : codes->dump());
    }
    config.autoencoding.codes = codes->get<std::string>();
    options.erase("codes");
  }
  if (const auto section = section_of(part.kind); !section.empty())
    take_architecture(config, section, options, part.role);
  return config;
}

}  // namespace forger
