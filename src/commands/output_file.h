#pragma once

#include <filesystem>
#include <string>

namespace forger::commands {

/// Before the work that ends with writing `file`: makes the folder that it is to lie in. Throws Error, which names
/// `option`, where it cannot be made or the file is a folder; then nothing was done for nothing.
void prepare_output_file(const std::string& option, const std::filesystem::path& file);

/// The same for a folder of pictures. Throws Error where it holds some already: two calls' pictures would lie beside
/// each other, and nobody could tell which is whose.
void prepare_picture_folder(const std::string& option, const std::filesystem::path& folder);

}  // namespace forger::commands
