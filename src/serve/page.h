#pragma once

#include <string>

namespace forger {

/// A file of the page that people watch trainings on: "index.html", "app.js" or "app.css", as the build made it of
/// `web/`; without Node at build time, a page that says so.
std::string page_file(const std::string& name);

}  // namespace forger
