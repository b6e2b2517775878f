#include "commands/output_file.h"

#include "core/fail.h"
#include "core/files.h"

namespace forger::commands {

namespace fs = std::filesystem;

void prepare_output_file(const std::string& option, const fs::path& file) {
  std::error_code unknown;
  if (fs::is_directory(file, unknown))
    fail("{}: received {}, which is a folder, accepted: a file", option, file.string());
  if (!file.has_parent_path()) return;
  try {
    make_folder(file.parent_path());
  } catch (const Error& error) {
    fail("{}: received {}, accepted: a file in a folder that exists or can be made: {}", option, file.string(),
         error.what());
  }
}

void prepare_picture_folder(const std::string& option, const fs::path& folder) {
  make_folder(folder);
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() != ".png" || entry.is_directory()) continue;
    fail("{}: received {}, which holds pictures already ({}), accepted: a new folder, or one without pictures", option,
         folder.string(), entry.path().filename().string());
  }
}

}  // namespace forger::commands
