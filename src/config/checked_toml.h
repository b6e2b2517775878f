#pragma once

#include <stdexcept>

namespace forger {

/// Throws std::logic_error: toml++ met what it holds impossible.
[[noreturn]] inline void toml_assertion_failed(const char* condition) { throw std::logic_error(condition); }

}  // namespace forger

// Some malformed files break what toml++ asserts and, with NDEBUG, assumes: "[&" alone is undefined behaviour
// (github.com/marzer/tomlplusplus/issues/294). Its assertions stay on in every build and throw.
#pragma push_macro("NDEBUG")
#undef NDEBUG
#define TOML_ASSERT(condition) ((condition) ? void() : forger::toml_assertion_failed(#condition))
#include <toml++/toml.h>
#pragma pop_macro("NDEBUG")
