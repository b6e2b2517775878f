#include "commands/pictures_call.h"

#include <fmt/format.h>

#include <filesystem>
#include <utility>

#include "commands/output.h"
#include "commands/output_file.h"
#include "core/fail.h"
#include "core/files.h"
#include "core/plural.h"
#include "core/utf8.h"

namespace forger::commands {

PicturesCall::PicturesCall(const UpscalePlan& plan, Options options)
    : plan_(plan), options_(std::move(options)), progress_(static_cast<int64_t>(plan.steps.size())) {}

UpscaleHooks PicturesCall::hooks() {
  return {.goes_on =
              [this](double done) {
                progress_.show(number_, plan_.steps[static_cast<size_t>(number_)].name, done);
                return !StopSignal::received();
              },
          .on_message =
              [this](const std::string& text) {
                progress_.clear();
                print_error("{}\n", printable(text));
              }};
}

void PicturesCall::run(const std::function<bool(const UpscalePlan::Step&)>& work) {
  for (const auto& step : plan_.steps) {
    if (StopSignal::received()) break;
    std::error_code unknown;
    if (options_.resume && std::filesystem::exists(step.out, unknown)) {
      ++there_;
      progress_.pass_over();
    } else if (!try_step(step, work)) {
      break;
    }
    ++number_;
  }
  progress_.clear();
}

int PicturesCall::finish() {
  skipped_.finish();
  const auto count = static_cast<int64_t>(plan_.steps.size());
  if (there_ > 0) print("{} of {} were there already\n", there_, count);
  if (plan_.made_before > 0) print("left out: {}, which this makes of others\n", counted(plan_.made_before, "input"));
  if (number_ < count) {
    print_error("stopped after {} of {}\n", number_, count);
    return kInterrupted;
  }
  if (skipped_.count == count && count > 0) {
    fail("none of {} can be {}; the first: {}", count, options_.what, skipped_.first);
  }
  if (made_ > 0) print("{} {} to {}\n", made_, options_.what, printable(options_.out));
  return skipped_.count > 0 ? kSomeSkipped : 0;
}

bool PicturesCall::try_step(const UpscalePlan::Step& step, const std::function<bool(const UpscalePlan::Step&)>& work) {
  try {
    prepare_output_file("--out", step.out);
    if (!work(step)) return false;
    ++made_;
  } catch (const WriteError& error) {
    if (error.ends_all()) throw;
    skip(fmt::format("{}: {}", step.name, error.what()));
  } catch (const Error& error) {
    skip(full_reason(error.what(), step.name));
  }
  return true;
}

void PicturesCall::skip(const std::string& reason) {
  progress_.clear();
  if (plan_.steps.size() == 1) fail("{}", reason);
  skipped_.add(reason);
}

void say_passed_over(const Inputs& pictures) {
  if (pictures.ignored().empty()) return;
  print_error("passed over: {} (no PNG, JPEG or WebP by name, or no data)\n", passed_over_text(pictures.ignored()));
}

void add_tile(CLI::App& command, const std::string& flags, std::string& tile, const std::string& explanation) {
  command.add_option(flags, tile, explanation)
      ->check([](const std::string& text) {
        const bool is_number = !text.empty() && text.size() < 7 && text.find_first_not_of("0123456789") == text.npos;
        return text == "auto" || is_number ? std::string() : "received " + text + ", accepted: auto, or 32 and more";
      })
      ->capture_default_str();
}

int64_t tile_px_of(const std::string& tile) { return tile == "auto" ? 0 : std::stoll(tile); }

}  // namespace forger::commands
